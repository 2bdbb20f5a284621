"""Files in the playground's workspace: who may fetch them, and how the bot uploads its own."""

from __future__ import annotations

from collections.abc import Callable
from mimetypes import guess_type

from aiohttp import web

from bot.playground.faults import Faults
from bot.playground.slack_http import after_effect, before_effect, given_token
from bot.playground.slack_model import Account, Conversation, Refused, SlackFile
from bot.playground.slack_text import Json
from bot.playground.slack_workspace import Workspace, invalid

LOGIN = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to Slack</body></html>"
MOST_BYTES = 1_000_000_000
MOST_ALT = 1_000


def new_file(space: Workspace, user: Account, name: str, content: bytes | None, media: str) -> SlackFile:
    """A file that nobody sees yet."""
    file = SlackFile(space.new_id("F"), name, media, content, user.id, space.clock().timestamp())
    space.files[file.id] = file
    return file


def visible(space: Workspace, file: SlackFile | None) -> SlackFile:
    """The file, if the bot made it or is where it is shared."""
    if file is None or not file.complete:
        raise Refused("file_not_found")
    there = (space.conversations.get(channel) for channel in file.shares)
    if file.user != space.bot.id and not any(found and space.bot.id in found.members for found in there):
        raise Refused("file_not_found")
    return file


def info(space: Workspace, params: Json) -> Json:
    """What a file is, and where it is shared."""
    file = visible(space, space.files.get(_text(params, "file")))
    if file.mode == "tombstone":
        raise Refused("file_deleted")
    places = [(space.conversations[channel], ts) for channel, ts in file.shares.items()]
    shares: Json = {}
    for place, ts in places:
        group = shares.setdefault("public" if place.kind == "public" else "private", {})
        group[place.id] = [{"ts": ts, "team_id": space.team, "reply_users": [], "reply_users_count": 0}]
    card = {**space.card(file), "shares": shares}
    for key, kind in (("channels", "public"), ("groups", "private"), ("ims", "im")):
        card[key] = [place.id for place, _ in places if place.kind == kind]
    return {"file": card, "comments": [], "response_metadata": {"next_cursor": ""}}


def start_upload(space: Workspace, params: Json) -> Json:
    """Where to post the bytes of a new file."""
    name, length = _text(params, "filename"), str(params.get("length") or "")
    if not length.isdecimal() or not 0 < int(length) <= MOST_BYTES:
        raise invalid("length must be a positive number [json-pointer:/length]")
    alt = params.get("alt_txt") or ""
    if not isinstance(alt, str):
        raise invalid("must be a string [json-pointer:/alt_txt]")
    if len(alt) > MOST_ALT:
        raise Refused("alt_txt_too_large")
    file = new_file(space, space.bot, name, None, "application/octet-stream")
    file.length, file.token, file.alt = int(length), space.new_event_id("up"), alt
    return {"upload_url": f"{space.base_url.removesuffix('api/')}upload/v1/{file.token}", "file_id": file.id}


def take_bytes(space: Workspace, token: str, content: bytes, media: str) -> bool:
    """Keep the bytes of an upload; False for an address that Slack did not give."""
    file = next((file for file in space.files.values() if file.token == token and not file.complete), None)
    if file is None or len(content) != file.length:
        return False
    file.content, file.media = content, guess_type(file.name)[0] or media  # Slack goes by the name
    return True


def finish_upload(space: Workspace, params: Json) -> Json:
    """Show uploaded files in a conversation; the answer names them, but not their message."""
    named = params.get("files")
    if not isinstance(named, list) or not named or not all(isinstance(one, dict) for one in named):
        raise invalid("files must be a list of objects [json-pointer:/files]")
    files = [space.files.get(str(one.get("id"))) for one in named]
    ready = [file for file in files if file and file.user == space.bot.id and not file.complete and file.content]
    if len(ready) != len(named):
        raise Refused("file_not_found")
    channel = params.get("channel_id")
    if channel:
        conversation = _open_to_bot(space, str(channel))
        text, blocks = space.content({"text": params.get("initial_comment"), "blocks": params.get("blocks")}, 40_000)
        space.pace(conversation)
        space.post(conversation, space.bot, text or "", [] if text else blocks or [], files=tuple(ready))
    for file in ready:
        file.complete = True
    return {"files": [{"id": file.id, "title": file.name} for file in ready]}


class FileServer:
    """Serves private files, and takes uploads: the addresses beside the Web API. `may_read` judges a token."""

    def __init__(self, space: Workspace, faults: Faults, may_read: Callable[[str | None], bool]) -> None:
        self.space = space
        self.faults = faults
        self.may_read = may_read
        self.tokens: list[str | None] = []  # what each download showed

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A private file; whoever may not have it is sent to the page where people log in."""
        fault = self.faults.next("download")
        if (early := await before_effect(request, fault, "download")) is not None:
            return early
        token = given_token(request, {})
        self.tokens.append(token)
        file = self.space.files.get(request.match_info["file"].partition("-")[2])
        try:
            found = visible(self.space, file) if self.may_read(token) else None
        except Refused:
            found = None
        if found is None:
            raise web.HTTPFound(f"/?redir={request.path}")
        if found.mode != "hosted":
            return web.Response(status=404, text=LOGIN, content_type="text/html")
        answer = web.Response(body=found.content, headers={"Content-Type": found.media})
        return await after_effect(request, fault, answer)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Where a browser without a session ends up."""
        return web.Response(text=LOGIN, content_type="text/html")

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file that the bot sends."""
        fault = self.faults.next("upload")
        if (early := await before_effect(request, fault, "upload")) is not None:
            return early
        content = b"".join([piece async for piece in request.content.iter_any()])
        media = request.headers.get("Content-Type", "application/octet-stream")
        if not take_bytes(self.space, request.match_info["token"], content, media):
            return web.Response(status=400, text="Bad Request")
        return await after_effect(request, fault, web.Response(text=f"OK - {len(content)}"))


def _open_to_bot(space: Workspace, channel: str) -> Conversation:
    found = space.conversations.get(channel)
    if found is None or (found.kind == "private" and space.bot.id not in found.members):
        raise Refused("channel_not_found")
    if found.is_im and space.accounts[next(iter(found.members))].deactivated:
        raise Refused("channel_not_found")
    if found.archived:
        raise Refused("is_archived")
    if space.bot.id not in found.members:
        raise Refused("not_in_channel")
    return found


def _text(params: Json, key: str) -> str:
    value = params.get(key)
    if not isinstance(value, str) or not value:
        raise invalid(f"missing required field: {key}")
    return value


METHODS = {
    "files.info": info,
    "files.getUploadURLExternal": start_upload,
    "files.completeUploadExternal": finish_upload,
}
SCOPES = {
    "files.info": "files:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
