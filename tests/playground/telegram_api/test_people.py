"""People block the bot, take it into their groups and throw it out, and it is told."""

from __future__ import annotations

import pytest
from telegram import Bot
from telegram.error import ChatMigrated, Forbidden

from bot.playground.telegram import Group, Human, TelegramPlayground
from tests.playground.telegram_api.tools import TAKE, poll


@pytest.fixture
async def alva(server: TelegramPlayground) -> Human:
    """Somebody who has not opened the chat yet."""
    return server.person("Alva", last_name="Påhittad")


async def test_blocking_and_unblocking_is_told(bot: Bot, alva: Human) -> None:
    await alva.start()
    alva.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(alva.id, "hej")
    await alva.start()
    changes = [update.my_chat_member for update in await poll(bot) if update.my_chat_member]
    assert [change.new_chat_member.status for change in changes] == ["kicked", "member"]
    await bot.send_message(alva.id, "hej")


async def test_the_bot_is_told_that_it_was_added_and_kicked(bot: Bot, alva: Human, unit: Group) -> None:
    added, service = await poll(bot)
    assert added.my_chat_member is not None and service.message is not None
    assert (added.my_chat_member.chat.id, added.my_chat_member.from_user.id) == (unit.id, alva.id)
    assert added.my_chat_member.new_chat_member.status == "member"
    assert [user.id for user in service.message.new_chat_members] == [123]
    await unit.kick_bot(by=alva)
    kicked = (await poll(bot))[-1].my_chat_member
    assert kicked is not None and kicked.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="kicked from the supergroup"):
        await bot.get_chat(unit.id)


async def test_members_write_and_press_in_a_group(bot: Bot, alva: Human, unit: Group) -> None:
    await bot.send_message(unit.id, "Nytt ärende", reply_markup=TAKE)
    assert await unit.write(alva, "hej") != 0
    press = await unit.press(alva, unit.last, "Jag tar den")
    written, pressed = (await poll(bot))[-2:]
    assert written.message is not None and written.message.chat.title == "Påhittade enheten"
    assert pressed.callback_query is not None and pressed.callback_query.id == press.id
    assert [sent.text for sent in unit.messages] == ["Nytt ärende"]


async def test_who_leads_a_group_can_be_asked(server: TelegramPlayground, bot: Bot, alva: Human, unit: Group) -> None:
    bo, stranger = server.person("Bo"), server.person("Cia")
    unit.join(bo)
    assert (await bot.get_chat_member(unit.id, alva.id)).status == "creator"
    assert (await bot.get_chat_member(unit.id, bo.id)).status == "member"
    assert (await bot.get_chat_member(unit.id, stranger.id)).status == "left"
    assert [m.user.id for m in await bot.get_chat_administrators(unit.id)] == [alva.id]
    unit.join(bo, admin=True)
    await unit.add_bot(by=alva, admin=True)
    assert [m.user.id for m in await bot.get_chat_administrators(unit.id)] == [alva.id, bo.id, 123]


async def test_a_public_group_shows_its_name(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    public = server.group("Öppna påhittade", [alva], username="oppna_pahittade")
    await public.add_bot(by=alva)
    chat = await bot.get_chat(public.id)
    assert (chat.type, chat.title, chat.username) == ("supergroup", "Öppna påhittade", "oppna_pahittade")


async def test_leaving_a_group_ends_what_is_heard_there(bot: Bot, alva: Human, unit: Group) -> None:
    await bot.leave_chat(unit.id)
    assert await unit.write(alva, "är du kvar?") == 0


async def test_in_privacy_mode_a_member_bot_hears_only_what_is_meant_for_it(
    server: TelegramPlayground, bot: Bot, alva: Human, unit: Group
) -> None:
    server.privacy = True
    await bot.send_message(unit.id, "Nytt ärende")
    heard = [
        await unit.write(alva, text) != 0
        for text in ("hej", "/meny", "/meny@annan_bot", "/meny@tryggvag_bot", "säg /meny")
    ]
    assert heard == [False, True, False, True, False]
    assert await unit.write(alva, "svar", reply_to=unit.last) != 0
    assert (await bot.get_me()).can_read_all_group_messages is False


async def test_a_group_that_is_upgraded_has_a_new_id(server: TelegramPlayground, bot: Bot, alva: Human) -> None:
    group = server.group("Påhittade gruppen", [alva], kind="group")
    await group.add_bot(by=alva)
    await bot.send_message(group.id, "före")
    old = group.id
    new = group.migrate()
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(old, "hej")
    assert caught.value.new_chat_id == new == group.id
    await bot.send_message(new, "efter")
    assert [sent.text for sent in group.messages] == ["före", "efter"]
    told = [update.message for update in (await poll(bot))[-2:]]
    assert [m.migrate_to_chat_id or m.migrate_from_chat_id for m in told if m] == [new, old]
