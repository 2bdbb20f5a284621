"""What nobody ought to post: seeded, so that the same number gives the same garbage."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode

Json = Any
TEAM, APP, STRANGER = "T0FIKTIV", "A0FIKTIV", "U0OKAND0001"

METHODS = ["POST"] * 12 + ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "post", "POSTX"]
PATHS = ["/slack"] * 12 + ["/telegram"] * 12 + [
    "/", "/healthz", "/readyz", "/metrics", "/slack/", "/telegram/../slack", "//slack", "/slack%00", "/SLACK", "/å\x00",
    "/telegram?x=1", "/" + "a" * 5000, "/.env", "/..%2f..%2fetc/passwd", "/healthz/..", "*",
]  # fmt: skip
MEDIA = [
    "application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "text/plain", "",
    "multipart/form-data; boundary=x", "application/json; charset=utf-16", "APPLICATION/JSON", "a/b;" * 50, "\xff",
]  # fmt: skip
JUNK: list[Json] = [
    None, True, False, 0, -1, 1e308, float("nan"), float("-inf"), 2**63, -(2**200), "", " ", "\x00", "å" * 300,
    "\ud800", "💥", "a.take.1", "<@U0FIKT00001>", "' OR 1=1 --", "__proto__", "../../x", [], {}, [[]], [None],
    {"": None}, {"type": "message"}, ["x"] * 50, "0", "9" * 400, "1700000000.000001",
]  # fmt: skip
STAMPS = ["", "0", "-1", "nan", "inf", "1e999", "9" * 400, "\xe5\xe4", "1700000000", "0x10", " 5", "1.5", "\x00", "٣"]
TOKENS = ["", "v0=", "v0=" + "0" * 64, "v1=" + "a" * 64, "\xe5" * 64, "v0=" + "\xff" * 10, "a" * 10_000, "null"]

TELEGRAM_FROM = {"id": 990000001, "is_bot": False, "first_name": "Okänd", "language_code": "sv"}
TELEGRAM_CHAT = {"id": 990000001, "type": "private", "first_name": "Okänd"}
TELEGRAM_GROUP = {"id": -990000002, "type": "supergroup", "title": "Okänd grupp"}
MESSAGE = {"message_id": 7, "date": 1763888400, "chat": TELEGRAM_CHAT, "from": TELEGRAM_FROM}
BOT = {"id": 123456, "is_bot": True, "first_name": "Tryggväg", "username": "tryggvag_bot"}
UPDATES: list[Json] = [
    {"message": {**MESSAGE, "text": "hej"}},
    {"message": {**MESSAGE, "text": "/start", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}},
    {"message": {**MESSAGE, "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}},
    {"message": {**MESSAGE, "document": {"file_id": "a", "file_unique_id": "b", "file_name": "x"}, "caption": "hej"}},
    {"message": {**MESSAGE, "location": {"latitude": 59.3, "longitude": 18.1}}},
    {"message": {**MESSAGE, "text": "", "forward_origin": {"type": "hidden_user", "sender_user_name": "x"}}},
    {"message": {**MESSAGE, "chat": TELEGRAM_GROUP, "migrate_to_chat_id": -990000003}},
    {"edited_message": {**MESSAGE, "edit_date": 1763888500, "text": "hejsan"}},
    {"callback_query": {"id": "77", "from": TELEGRAM_FROM, "chat_instance": "1", "data": "a.take.1",
                        "message": {**MESSAGE, "text": "hej", "from": BOT}}},
    {"my_chat_member": {"chat": TELEGRAM_GROUP, "from": TELEGRAM_FROM, "date": 1763888400,
                        "old_chat_member": {"user": BOT, "status": "left"},
                        "new_chat_member": {"user": BOT, "status": "member"}}},
    {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "channel"}, "text": "x"}},
    {"poll": {"id": "1"}}, {"inline_query": {"id": "1", "from": TELEGRAM_FROM, "query": "x", "offset": ""}},
]  # fmt: skip


def _event(**event: Json) -> Json:
    return {"token": "x", "team_id": TEAM, "api_app_id": APP, "type": "event_callback", "event_id": "Ev0OKAND",
            "event_time": 1763888400, "event": event,
            "authorizations": [{"team_id": TEAM, "user_id": "U0BOT", "is_bot": True}]}  # fmt: skip


ACTOR = {"team": {"id": TEAM, "domain": "x"}, "user": {"id": STRANGER, "username": "okand", "team_id": TEAM},
         "api_app_id": APP, "token": "x", "trigger_id": "1.2.3"}  # fmt: skip
SLACK: list[Json] = [
    _event(type="message", channel_type="im", channel="D0OKAND", user=STRANGER, text="hej", ts="1763888400.000100"),
    _event(type="message", subtype="file_share", channel_type="im", channel="D0OKAND", user=STRANGER, text="",
           ts="1763888400.000200", files=[{"id": "F0X", "name": "x", "mimetype": "image/png", "size": 3}]),
    _event(type="message", subtype="message_changed", channel_type="im", channel="D0OKAND",
           message={"user": STRANGER, "text": "x", "ts": "1.1"}, previous_message={"user": STRANGER, "text": "y"}),
    _event(type="member_joined_channel", user="U0BOT", channel="C0OKAND", inviter=STRANGER, team=TEAM),
    _event(type="channel_left", channel="C0OKAND", actor_id=STRANGER),
    _event(type="channel_archive", channel="C0OKAND", user=STRANGER), _event(type="app_home_opened", user=STRANGER),
    {**ACTOR, "type": "block_actions", "container": {"type": "message", "channel_id": "D0OKAND", "message_ts": "1.1"},
     "channel": {"id": "D0OKAND", "name": "directmessage"}, "message": {"ts": "1.1", "text": "x"},
     "actions": [{"action_id": "press:0", "block_id": "b", "type": "button", "value": "a.take.1", "action_ts": "1.2"}]},
    {**ACTOR, "type": "view_submission", "view": {"id": "V0X", "hash": "1.a", "callback_id": "sheet", "type": "modal",
     "private_metadata": "c.1.0.what.x", "state": {"values": {"what": {"what": {"type": "x", "value": "x"}}}}}},
    {**ACTOR, "type": "view_closed", "view": {"id": "V0X", "callback_id": "sheet"}, "is_cleared": False},
    {**ACTOR, "type": "message_action", "callback_id": "flag_message", "channel": {"id": "C0OKAND", "name": "x"},
     "message": {"ts": "1.1", "text": "x", "user": STRANGER}, "message_ts": "1.1", "action_ts": "1.2"},
    {**ACTOR, "type": "shortcut", "callback_id": "x", "action_ts": "1.2"},
    {"command": "/flagga", "text": "", "user_id": STRANGER, "user_name": "okand", "team_id": TEAM, "api_app_id": APP,
     "channel_id": "D0OKAND", "channel_name": "directmessage", "trigger_id": "1.2.3", "token": "x",
     "response_url": "http://127.0.0.1:9/x"},
    {"type": "url_verification", "challenge": "x", "token": "x"}, {"ssl_check": "1", "token": "x"},
]  # fmt: skip


@dataclass
class Post:
    """One request. `pieces` are how the body comes; without `whole` the sender hangs up after them."""

    method: str
    path: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    whole: bool = True


class Garbage:
    """Posts and frames, one after the other. `stamp` is the time now, in seconds, as Slack would sign it."""

    def __init__(self, seed: int, *, slack: str, telegram: str, stamp: float) -> None:
        self.rng, self.slack, self.telegram, self.stamp = Random(seed), slack, telegram, str(int(stamp))
        self.count = 0

    def unsigned(self) -> Post:
        """A request that no platform signed."""
        body = self.body()
        post = self._post(body, self.rng.choice(METHODS), self.rng.choice(PATHS))
        post.headers += self._false_slack(body) if self.rng.random() < 0.5 else self._false_telegram()
        return post

    def signed(self) -> Post:
        """Garbage with a right signature or secret."""
        platform, body = self.rng.choice(["slack", "telegram"]), self.body()
        post = self._post(body, "POST", f"/{platform}")
        if platform == "telegram":
            post.headers.append(("x-telegram-bot-api-secret-token", self.telegram))
        else:
            post.headers += self._slack(self.slack, self.stamp, body)
        return post

    def frame(self) -> str | bytes:
        """What comes over a socket."""
        way = self.rng.randrange(6)
        if way == 0:
            return self.body()
        if way == 1:
            return self.body().decode("utf-8", "replace")
        payload = self._mutated(SLACK) if way < 5 else self.rng.choice(JUNK)
        kind = self.rng.choice(["events_api", "interactive", "slash_commands", "hello", "x", "", None, 7])
        envelope = {"envelope_id": self.number(), "type": kind, "payload": payload, "accepts_response_payload": True}
        if self.rng.random() < 0.3:
            self._spoil(envelope)
        return json.dumps(envelope)

    def number(self) -> str:
        """An id that did not come before."""
        self.count += 1
        return f"fuzz-{self.count}"

    def body(self) -> bytes:
        """Something between nothing and nearly right."""
        makers = (self._bytes, self._nested, self._torn, self._wrong, self._near, self._near, self._form, self._big)
        return self.rng.choices(makers, (2, 1, 3, 3, 5, 5, 4, 0.1))[0]()

    def _bytes(self) -> bytes:
        data = self.rng.randbytes(self.rng.choice([0, 1, 2, 10, 200, 5000]))
        return self.rng.choice([data, b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"\x1f\x8b\x08" + data, b"\x00" * 50])

    def _nested(self) -> bytes:
        depth = self.rng.choice([10, 500, 2000, 100_000])
        return self.rng.choice([b"[", b'{"a":', b'{"event":{"message":[']) * depth + b"1" + b"]" * depth

    def _torn(self) -> bytes:
        data = json.dumps(self._genuine()).encode()
        return data[: self.rng.randrange(len(data))]

    def _wrong(self) -> bytes:
        value = self.rng.choice(JUNK)
        keys = ["update_id", "message", "event", "type", "payload", "team_id", "user", "view", "actions", "command"]
        shaped = {key: self.rng.choice(JUNK) for key in self.rng.sample(keys, self.rng.randrange(1, 6))}
        return json.dumps(self.rng.choice([value, shaped, [shaped], {"payload": json.dumps(shaped)}])).encode()

    def _near(self) -> bytes:
        return json.dumps(self._mutated(SLACK if self.rng.random() < 0.5 else UPDATES)).encode()

    def _form(self) -> bytes:
        payload = self._mutated(SLACK)
        if isinstance(payload, dict) and "command" in payload and self.rng.random() < 0.5:
            fields = {key: str(value).encode("utf-8", "replace") for key, value in payload.items()}
        else:
            fields = {"payload": json.dumps(payload).encode()}
        data = urlencode(fields).encode()
        return self.rng.choice(
            [data, data, data[: self.rng.randrange(len(data) or 1)], data * 3, b"payload", b"&" * 300]
        )

    def _big(self) -> bytes:
        return b'{"a":"' + b"x" * self.rng.choice([900_000, 1_048_576, 2_000_000]) + b'"}'

    def _genuine(self) -> Json:
        return copy.deepcopy(self.rng.choice(SLACK + UPDATES))

    def _mutated(self, among: list[Json]) -> Json:
        """A genuine one of somebody whom nobody knows, with something wrong in most of them."""
        found = copy.deepcopy(self.rng.choice(among))
        if among is UPDATES:
            found["update_id"] = self.rng.choice([self.rng.randrange(2**31), self.rng.randrange(2**31), -1, "x", None])
        if isinstance(found.get("event_id"), str):
            found["event_id"] = f"Ev{self.number()}"
        for _ in range(self.rng.choice([0, 1, 1, 2, 5])):
            self._spoil(found)
        return found

    def _spoil(self, tree: Json) -> None:
        """Replace, remove or add something somewhere."""
        while isinstance(tree, dict | list) and tree:
            key = self.rng.choice(list(tree)) if isinstance(tree, dict) else self.rng.randrange(len(tree))
            inner = tree[key]
            if isinstance(inner, dict | list) and inner and self.rng.random() < 0.7:
                tree = inner
                continue
            if self.rng.random() < 0.25:
                del tree[key]
            else:
                tree[key] = copy.deepcopy(self.rng.choice(JUNK))
            return

    def _post(self, body: bytes, method: str, path: str) -> Post:
        post = Post(method, path, [("host", "x"), ("content-type", self.rng.choice(MEDIA))])
        cut = sorted(self.rng.randrange(len(body) + 1) for _ in range(self.rng.choice([0, 0, 0, 1, 3])))
        post.pieces = [body[start:end] for start, end in zip([0, *cut], [*cut, len(body)], strict=True)]
        if self.rng.random() < 0.3:
            post.headers.append(("content-length", self.rng.choice([str(len(body)), "0", "-1", "9" * 30, "x", "7"])))
        if self.rng.random() < 0.05:
            post.whole = False
        return post

    def _slack(self, secret: str, stamp: str, body: bytes) -> list[tuple[str, str]]:
        digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        return [("x-slack-request-timestamp", stamp), ("x-slack-signature", f"v0={digest}")]

    def _false_slack(self, body: bytes) -> list[tuple[str, str]]:
        old = str(int(self.stamp) - self.rng.choice([301, 86_400, -301]))
        ways = [
            self._slack("another secret", self.stamp, body),
            self._slack(self.slack, old, body),  # a replay
            self._slack(self.slack, self.stamp, body + b"x"),
            [("x-slack-request-timestamp", self.rng.choice(STAMPS)), ("x-slack-signature", self.rng.choice(TOKENS))],
            [("x-slack-request-timestamp", self.stamp), ("x-slack-signature", self.rng.choice(TOKENS))],
            self._slack(self.slack, self.stamp, body)[self.rng.randrange(2) :][:1],
            [],
        ]
        return self.rng.choice(ways)

    def _false_telegram(self) -> list[tuple[str, str]]:
        near = [self.telegram[:-1], self.telegram + "x", self.telegram.swapcase(), f" {self.telegram}é"]
        name = self.rng.choice(["x-telegram-bot-api-secret-token"] * 4 + ["x-telegram-bot-api-secret", "authorization"])
        return [(name, self.rng.choice(TOKENS + near))] if self.rng.random() < 0.9 else []
