"""What people write in the playground: words, files, and other people's messages."""

from __future__ import annotations

from bot.playground.slack_files import new_file
from bot.playground.slack_model import Account, Conversation, Sent
from bot.playground.slack_socket import Delivery
from bot.playground.slack_text import Json, typed
from bot.playground.slack_workspace import Workspace


def say(space: Workspace, account: Account, conversation: Conversation, text: str, thread: Sent | None) -> Delivery:
    """Let a person write in a conversation; the bot hears it if it is there."""
    event = written(space, account, conversation, text, thread)
    if space.bot.id not in conversation.members:
        return Delivery("")
    return space.tell(event, conversation)


def upload(
    space: Workspace, account: Account, conversation: Conversation, file: tuple[str, bytes, str], text: str
) -> Delivery:
    """Let a person put a file (name, bytes, type) in a conversation; the bot hears it if it is there."""
    _may_write(account, conversation)
    made = new_file(space, account, *file)
    sent = space.post(conversation, account, typed(text), [], files=(made,))
    if space.bot.id not in conversation.members:
        return Delivery("")
    return space.tell(heard(space, conversation, sent), conversation)


def quotation(space: Workspace, message: Sent) -> Json:
    """A message as Slack attaches it where it is shared."""
    author = space.accounts[message.author]
    address = f"https://{space.domain}.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    quoted: Json = {
        "ts": message.ts,
        "author_id": author.id,
        "author_name": author.name,
        "author_subname": author.name,
        "channel_id": message.channel,
        "channel_team": space.team,
        "is_share": True,
        "text": message.text,
        "fallback": f"[{author.name}] {message.text}",
        "from_url": address,
        "footer": "Posted in a conversation",
        "id": 1,
        "mrkdwn_in": ["text"],
    }
    if message.files:
        quoted["files"] = [space.card(file) for file in message.files]
    return quoted


def heard(space: Workspace, conversation: Conversation, sent: Sent) -> Json:
    """A message as the bot is told of it."""
    return {**space.message(sent), "channel": conversation.id, "client_msg_id": space.new_event_id("m-")}


def _may_write(account: Account, conversation: Conversation) -> None:
    assert not account.deactivated, f"{account.name} is deactivated"
    assert account.id in conversation.members, f"{account.name} is not in #{conversation.name}"
    assert not conversation.archived, f"#{conversation.name} is archived"


def written(space: Workspace, account: Account, conversation: Conversation, text: str, thread: Sent | None) -> Json:
    """Put a person's message in a conversation; the event that it causes."""
    _may_write(account, conversation)
    thread_ts = (thread.thread_ts or thread.ts) if thread else None
    sent = space.post(conversation, account, typed(text), [], thread_ts=thread_ts)
    return heard(space, conversation, sent)
