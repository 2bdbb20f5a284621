"""Point 2: how people come in, what they meet when they do, and that nobody else does."""

from __future__ import annotations

import pytest

from bot.playground.seat import Seat
from storage.tables import Incident, Invitation, Party, Role
from tests.contract.conftest import BOOKS, NIGHT, PUBLIC, House, bare, code_in

ROLES = [
    ("Säkerhetsansvarig", "contact", BOOKS),
    ("Ersättare", "deputy", BOOKS),
    ("Förtroendevald", "official", BOOKS),
    ("Förtroendevald", "official", "Inget parti"),
    ("Säkerhetsenheten", "officer", ""),
]


async def invited(town: House, role: str = "Säkerhetsansvarig", party: str = BOOKS, name: str = "Eva Ny") -> str:
    """Let the chief invite somebody from chat; the code in the letter."""
    await town.chief.command("bjudin")
    await town.chief.press(role)
    if party:
        await town.chief.press(party)
    await town.chief.write(name)
    await town.chief.press("Gör inbjudan")
    return code_in(town.chief.find("Skicka det här till"))


async def let_in(town: House, role: str = "Säkerhetsansvarig", party: str = BOOKS, name: str = "Eva Ny") -> Seat:
    """Somebody who came in by an invitation that the chief confirmed."""
    seat = town.newcomer(name)
    await seat.redeem(await invited(town, role, party, name))
    await town.chief.press("Ja, släpp in")
    return seat


@pytest.mark.parametrize(("label", "kind", "party"), ROLES)
async def test_the_chief_invites_every_role_from_chat(town: House, label: str, kind: str, party: str) -> None:
    eva = town.newcomer("Eva Ny")
    code = await invited(town, label, party)
    assert not [role for role in await town.all(Role) if role.person_id == 8]
    await eva.redeem(code)
    assert "Säkerhetschefen bekräftar" in eva.last.text
    await town.chief.press("Ja, släpp in")
    role = (await town.all(Role))[-1]
    parties = {p.id: p.name for p in await town.all(Party)}
    assert (role.kind, parties.get(role.party_id, "Inget parti")) == (kind, party or "Inget parti")
    assert (await town.account(eva)).state == "active"
    assert "Eva Ny är med. Siv Almgren släppte in" in town.chief.find("Eva Ny är med").text


async def test_the_chief_adds_a_party_of_one_person_who_can_flag(town: House) -> None:
    await town.chief.command("parti")
    await town.chief.write("Ensampartiet")
    solo = await let_in(town, "Säkerhetsansvarig", "Ensampartiet", "Ung Sol")
    await town.flag_now(solo)
    assert town.officer.has("Ärende 1 · Händer nu")
    assert not town.contact.messages and not town.neighbour.messages


async def test_the_official_of_a_party_without_contacts_can_flag(town: House) -> None:
    await town.chief.command("parti")
    await town.chief.write("Ensampartiet")
    solo = await let_in(town, "Förtroendevald", "Ensampartiet", "Ung Sol")
    await town.flag_now(solo)
    for answer in ("Hoppa över", "Nej, inte än", "Hoppa över"):
        await solo.press(answer)
    if solo.has("Vem får se ärendet"):
        await solo.press("Mitt partis kontakt")
    assert town.officer.has("Ärende 1 · Händer nu")
    assert await town.nothing_kept()


async def test_the_same_party_is_not_added_twice(town: House) -> None:
    await town.chief.command("parti")
    before = await town.rows()
    await town.chief.write("bokPARTIET ")
    assert "finns redan" in town.chief.last.text
    assert (await town.rows())["party"] == before["party"]


async def test_an_invitation_is_a_deep_link_on_telegram_and_a_code_on_slack(town: House) -> None:
    code = await invited(town)
    letter = town.chief.find("Skicka det här till").text
    link = f"https://t.me/tryggvag_bot?start={code}"
    assert (link in letter) is (town.platform == "telegram")
    assert ("På Slack, skriv till mig" in letter) is (town.platform == "slack")
    assert "måndag 7 december" in letter  # 14 days from 23 November


async def test_an_invitation_opens_for_one_account_only(town: House) -> None:
    code = await invited(town)
    eva, thief = town.newcomer("Eva Ny"), town.newcomer("Tom Tjuv")
    await eva.redeem(code)
    before = await town.rows()
    await thief.redeem(code)
    assert "Koden gäller inte" in thief.last.text
    assert await town.rows() == before
    await town.chief.press("Ja, släpp in")
    await thief.redeem(code)
    assert len(thief.messages) == 2 and (await town.rows())["account"] == 8


@pytest.mark.parametrize(("late", "opens"), [(-1, True), (0, False)])
async def test_an_invitation_expires_after_fourteen_days(town: House, late: int, opens: bool) -> None:
    code = await invited(town)
    eva = town.newcomer("Eva Ny")
    await town.advance(days=14, seconds=late)
    await eva.redeem(code)
    assert eva.has("Säkerhetschefen bekräftar") is opens
    assert eva.has("Koden gäller inte") is not opens


async def test_a_newer_invitation_makes_the_older_one_void(town: House) -> None:
    old = await invited(town)
    await town.chief.command("personer")
    await town.chief.press("Eva Ny")
    await town.chief.press("Bjud in igen")
    await town.chief.press("Ja, gör det")
    new = code_in(town.chief.find("Skicka det här till"))
    eva = town.newcomer("Eva Ny")
    await eva.redeem(old)
    assert "Koden gäller inte" in eva.last.text
    await eva.redeem(new)
    await town.chief.press("Ja, släpp in")
    assert eva.has("Välkommen, Eva Ny")


async def test_five_wrong_guesses_end_an_invitation(town: House) -> None:
    code = await invited(town)
    guesser, eva = town.newcomer("Gus Gissa"), town.newcomer("Eva Ny")
    before = await town.rows()
    for letter in "ABCDE":
        await guesser.redeem(code[:5] + letter * 4 + "-" + letter * 4)
    assert await town.rows() == before
    assert (await town.all(Invitation))[-1].tries == 5
    await eva.redeem(code)
    assert "Koden gäller inte" in eva.last.text


async def test_the_chief_can_turn_away_who_took_it(town: House) -> None:
    thief = town.newcomer("Tom Tjuv")
    await thief.redeem(await invited(town))
    assert "Tom Tjuv" in town.chief.last.text and "Eva Ny" in town.chief.last.text
    await thief.command("mina")
    assert "Du behöver en inbjudan" in thief.last.text  # nothing opens before the chief has said yes
    await town.chief.press("Nej, stäng ute")
    assert (await town.account(thief)).state == "revoked"
    assert not town.chief.last.labels or "Ja, släpp in" not in town.chief.last.labels
    await town.flag_attempt(thief)
    assert not await town.all(Incident)


async def test_letting_in_twice_has_one_effect(town: House) -> None:
    await town.newcomer("Eva Ny").redeem(await invited(town))
    number = (await town.all(Invitation))[-1].id
    await town.chief.press("Ja, släpp in")
    before = await town.rows()
    for action in ("let_in", "turn_away"):
        told = await town.told(town.chief, town.forge(town.chief, f"a.{action}.{number}"))
        assert "redan" in told
    assert (await town.rows()) == before | {"seenevent": before["seenevent"] + 2}


async def test_who_is_let_in_gets_the_numbers_pinned_and_a_test_sound(town: House) -> None:
    eva = await let_in(town)
    card = eva.find("Välkommen, Eva Ny")
    assert card.native.pinned
    for number in ("112", "114 14", PUBLIC, NIGHT):
        assert number in bare(card.text)
    assert [*eva.last.labels] == ["Ja, det lät", "Nej, tyst"]
    await eva.press("Nej, tyst")
    assert eva.has("Slå på ljudet") and eva.has("Stör ej")
    await eva.press("Ja, det lät")
    assert [*eva.last.labels] == ["Öva att flagga"]


async def test_practice_reaches_nobody_and_says_so_in_every_message(town: House) -> None:
    eva = await let_in(town)
    await eva.press("Ja, det lät")
    others = {seat.name: len(seat.messages) for seat in town.everyone}
    first, standing = len(eva.messages), (await town.rows())["deadline"]
    await eva.press("Öva att flagga")
    await eva.press("Händer nu")
    await eva.write("Biblioteket")
    await eva.press("Nej, inte än")
    await eva.write("070-174 06 05")
    assert {seat.name: len(seat.messages) for seat in town.everyone} == others
    rows = await town.rows()
    assert (rows["incident"], rows["entry"], rows["post"], rows["deadline"]) == (0, 0, 0, standing)
    assert "Inget är skickat" in eva.last.text
    assert [m.text for m in eva.messages[first:] if not m.text.startswith("ÖVNING")] == []


async def test_practice_of_the_thorough_way_reaches_nobody(town: House) -> None:
    await town.contact.command("ova")
    await town.contact.press("Rykte")
    await town.contact.press("Hot")
    await town.contact.write("Någon har hört något")
    for _ in range(3):
        await town.contact.press("Hoppa över")
    await town.contact.press("Skicka till enheten")
    assert not await town.all(Incident) and not town.officer.messages
    assert "ÖVNING" in town.contact.last.text


# The second platform


async def linked_again(both: House) -> Seat:
    """Alva's account on the other platform, linked by a code from the first."""
    await both.contact.command("koppla")
    second = both.newcomer("Alva Berg", on=both.platforms[1])
    await second.redeem(code_in(both.contact.last))
    return second


async def test_a_second_platform_is_linked_by_a_code_from_the_first(both: House) -> None:
    second = await linked_again(both)
    assert second.has("Välkommen, Alva Berg") and second.find("Välkommen").native.pinned
    assert "är kopplat nu" in both.contact.last.text
    assert (await both.account(second)).person_id == (await both.account(both.contact)).person_id
    await both.flag_now(second)
    await both.contact.command("mina")
    assert "Ärende 1" in both.contact.last.text


async def test_the_code_for_the_second_platform_lives_a_quarter_of_an_hour_and_once(both: House) -> None:
    await both.contact.command("koppla")
    code = code_in(both.contact.last)
    await both.advance(minutes=15)
    late, thief = (
        both.newcomer("Alva Berg", on=both.platforms[1]),
        both.newcomer("Tom Tjuv", on=both.platforms[1]),
    )
    before = await both.rows()
    await late.redeem(code)
    assert "Koden gäller inte" in late.last.text
    assert await both.rows() == before
    await both.contact.command("koppla")
    code = code_in(both.contact.last)
    await late.redeem(code)
    await thief.redeem(code)
    assert "Koden gäller inte" in thief.last.text


async def test_the_first_account_can_shut_the_second_out(both: House) -> None:
    second = await linked_again(both)
    await both.contact.press("Det var inte jag")
    await second.command("mina")
    assert "Du behöver en inbjudan" in second.last.text


async def test_notices_go_to_the_account_that_the_person_prefers(both: House) -> None:
    second = await linked_again(both)
    await both.flag_now(both.contact)
    seen = len(second.messages)
    await both.officer.press("Jag tar den")
    assert both.contact.has("Omar Lind på säkerhetsenheten tog ärende 1") and len(second.messages) == seen
    await both.contact.press("Skicka dem dit")
    await both.officer.press("Inom 1 timme")
    assert second.has("Omar Lind hör av sig senast kl. 11.00")
    assert not both.contact.has("Omar Lind hör av sig senast")


async def test_a_link_code_does_not_give_anybody_else_the_account_that_is_in(both: House) -> None:
    await both.contact.command("koppla")
    code = code_in(both.contact.last)
    other = await both.linked("Kim Holm", "contact", on=both.platforms[1])
    before = await both.rows()
    assert await both.told(other, other.redeem(code))
    assert (await both.account(other)).person_id != (await both.account(both.contact)).person_id
    assert (await both.rows())["account"] == before["account"]
    assert not [i for i in await both.all(Invitation) if i.used_at]
