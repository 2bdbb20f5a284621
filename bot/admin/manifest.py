"""The Slack app's manifest: exactly the scopes, events and commands that the bot uses, as JSON, which is YAML too."""

from __future__ import annotations

from typing import Any

from bot.catalogue import Voice
from bot.handlers.slack_scopes import BOT_EVENTS, BOT_SCOPES, SHORTCUT
from bot.services.menu import COMMANDS

MOST = 50  # commands of one app
# What Slack itself answers to, or another word for it: an app cannot have these.
SLACKS_OWN = {"help", "invite", "people", "start", "link", "status", "search", "call", "leave", "join", "who", "me"}
ENGLISH = ("menu", "flag", "mine", "case", "cancel", "link", "practise", "language", "invite", "party", "people",
           "called", "about", "number", "coverage", "situation", "quiet", "broadcast", "calendar", "duty",
           "checklist", "support", "risk", "watch")  # fmt: skip


def commands() -> dict[str, str]:
    """Every command that Slack can have, with the key of what it does; words for the same thing share it."""
    by_act = {COMMANDS[name]: f"menus.{name}" for name in ENGLISH if name in COMMANDS}
    words = (word for word in COMMANDS if word.isascii() and word not in SLACKS_OWN)
    return {word: by_act[COMMANDS[word]] for word in words}


def manifest(voice: Voice, url: str = "") -> dict[str, Any]:
    """With `url`, where Slack reaches us, everything is posted to `url`/slack; else Socket Mode fetches it."""
    address = {"request_url": f"{url.rstrip('/')}/slack"} if url else {}
    posted = {"url": address["request_url"]} if url else {}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {"name": "Tryggväg", "description": voice.word("manifest.about")},
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "tryggvag", "always_online": True},
            "shortcuts": [
                {
                    "name": voice.word("manifest.flag_message"),
                    "type": "message",
                    "callback_id": SHORTCUT,
                    "description": voice.word("manifest.flag_message_why"),
                }
            ],
            "slash_commands": [
                {"command": f"/{word}", "description": voice.word(key), "should_escape": False, **posted}
                for word, key in commands().items()
            ],
        },
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }
