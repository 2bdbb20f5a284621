"""The story, scene by scene. Each plays with the reporter on either platform and the unit on the other.

Names, parties and places are invented; the numbers are of those that PTS keeps for fiction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.playground import (
    scenes_advice,
    scenes_alerts,
    scenes_calendar,
    scenes_council,
    scenes_coverage,
    scenes_duty,
    scenes_linked,
    scenes_quiet,
)
from bot.playground.seat import Seat, SlackSeat
from bot.playground.stage import Stage

Scene = Callable[[Stage, str, str], Awaitable[None]]
CHIEF, OFFICER, CONTACT, OTHER, DEPUTY, OFFICIAL = (
    "Siv Almgren", "Bo Ekdal", "Alva Bergfors", "Nils Tallmo", "Mira Ljungqvist", "Ove Granlid",
)  # fmt: skip
PARTY, OTHER_PARTY = "Bokpartiet", "Almpartiet"
NUMBER = "070-174 06 05"
PICTURE = bytes.fromhex(  # a real picture of one grey dot
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550"
    "000000a4944415478da6368000000820081da45083b0000000049454e44ae426082"
)


async def unit(stage: Stage, there: str) -> tuple[Seat, Seat]:
    """The chief and an officer, let in before the scene begins."""
    return await stage.member(CHIEF, there, "chief"), await stage.member(OFFICER, there, "officer")


async def arriving(stage: Stage, here: str, there: str) -> None:
    """Parties, invitations, a stranger, a second account, and an exercise that reaches nobody."""
    chief = stage.seat(CHIEF, there)
    stage.tell("Säkerhetschefen använder koden som tryggvag init skrev ut")
    await chief.redeem(stage.chief_code)
    await chief.press("Ja, det lät")
    stage.tell("Chefen lägger till ett parti och bjuder in dess säkerhetsansvariga")
    await chief.command("parti")
    await chief.write(PARTY)
    alva = await invited(stage, chief, here, "Säkerhetsansvarig", CONTACT)
    stage.tell("En förtroendevald utan parti")
    await invited(stage, chief, here, "Förtroendevald", OFFICIAL, party="Inget parti")
    stage.tell("En främling får numren och inget annat")
    stranger = stage.seat("Okänd Person", here)
    await stranger.write("Hej, vad är det här?")
    stage.tell("Alva kopplar sitt andra konto med en kod från det första")
    await alva.command("koppla")
    second = stage.seat(CONTACT, there)
    await second.redeem(stage.code(alva.last.text))
    stage.tell("Alva övar en gång; det når ingen")
    await second.press("Ja, det lät")
    await second.press("Öva att flagga")
    await second.press("Händer nu")
    await second.press("Hoppa över")
    await second.press("Ja, jag har ringt")
    await second.press("Hoppa över")
    assert second.has("ÖVNING · Klart")
    assert not chief.has("Ärende"), "the exercise reached the chief"


async def invited(stage: Stage, chief: Seat, platform: str, role: str, name: str, party: str = PARTY) -> Seat:
    """The chief invites somebody, who takes the invitation and is let in."""
    await chief.command("bjudin")
    await chief.press(role)
    await chief.press(party)
    await chief.write(name)
    await chief.press("Gör inbjudan")
    seat = stage.seat(name, platform)
    await seat.redeem(stage.code(chief.find("Skicka det här till").text))
    await chief.press("Ja, släpp in")
    assert seat.has("Välkommen")
    return seat


async def happening_now(stage: Stage, here: str, there: str) -> None:
    """Something happens now: raised at the press, taken, promised, answered, closed, and not over yet."""
    chief, officer = await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    await alva.command("flagga")
    await alva.press("Händer nu")
    assert officer.has("Ärende 1 · Händer nu"), "the notice did not go out at the press"
    await alva.write("Biblioteket på Skolgatan, andra våningen")
    await officer.press("Jag tar den")
    await officer.press("Inom 15 minuter")
    await alva.press("Nej, inte än")
    await alva.write(NUMBER)
    assert chief.has("Bo Ekdal tog det kl. 10.00")
    stage.tell("Tio minuter senare: Bo blir påmind innan löftet går ut")
    await stage.advance(minutes=10)
    assert officer.has("Hör av dig i ärende 1")
    await officer.press("Visa", "Hör av dig")
    await officer.press("Svara")
    await officer.write("Lås dörren och vänta där. Vi är hos dig om fem minuter.")
    await alva.press("Visa", "har svarat")
    stage.tell("Alva skriver mer, utan att trycka på något")
    await alva.write("Nu har de gått.")
    await officer.press("Visa", "Nytt i ärende 1")
    await officer.press("Avsluta")
    await officer.write("Polisen har pratat med dem. Vi ringer dig i morgon.")
    await officer.press("Ja, avsluta")
    await alva.press("Inte klart än")
    assert chief.has("Ärende 1 är inte klart")
    await chief.press("Jag tar den", "är inte klart")
    await chief.command("mina")
    assert chief.has("Dina öppna ärenden")


async def brewing(stage: Stage, here: str, there: str) -> None:
    """Something is brewing: told in one go or step by step, changed in the summary, sent."""
    _, officer = await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    await alva.write("Det skrivs otäcka saker om vår ordförande i en grupp på nätet")
    await alva.press("Skicka till enheten")
    await alva.press("På gång")
    if isinstance(alva, SlackSeat):
        await alva.press("Fyll i formuläret")
        await alva.fill({"Vad det gäller": "Drev på nätet", "Händelse": "Många skriver samma sak", "Tid": "blåbär"})
        assert alva.human.modal is not None, "a wrong time was taken"
        await alva.fill({"Vad det gäller": "Drev på nätet", "Händelse": "Många skriver samma sak", "Tid": "i morgon 9"})
    else:
        await alva.press("Drev på nätet")
        await alva.write("Några skriver samma sak")
        await alva.press("Tillbaka")
        await alva.write("Många skriver samma sak")
        await alva.press("Hoppa över")
        await alva.write("blåbär")
        await alva.write("i morgon 9")
        await alva.press("Hoppa över")
    await alva.press("Ändra drabbad")
    await alva.write("ordförande i en nämnd")
    await alva.press("Skicka till enheten", "Stämmer det här?")
    await officer.press("Visa")
    assert officer.has("ordförande i en nämnd")
    assert officer.has("otäcka saker"), "the first words were lost"


async def past(stage: Stage, here: str, there: str) -> None:
    """Something has happened, and nobody knows whether there is more to come: the clock of now."""
    _, officer = await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    await alva.command("flagga")
    await alva.press("Har hänt")
    await alva.press("Vet inte")
    assert officer.has("Ärende 1 · Händer nu")
    stage.tell("Ett felaktigt tryck kan tas tillbaka; enheten får veta det och avslutar själv")
    await alva.press("Ångra")
    assert officer.has("Ärende 1 är återtaget")
    stage.tell("Ett rykte, som kan vänta till nästa arbetsdag")
    await alva.command("flagga")
    await alva.press("Rykte")
    await alva.press("Vet inte")
    await alva.write("Någon ska ha sagt att de tänker störa fullmäktige")
    await alva.press("Hoppa över")
    await alva.press("Hoppa över")
    await alva.press("Hoppa över")
    await alva.press("Skicka till enheten", "Stämmer det här?")
    assert alva.has("i morgon kl. 12.00"), "the promise does not say when"


async def silence(stage: Stage, here: str, there: str) -> None:
    """Nobody takes it: the next in turn after three minutes, all after six, the chief with numbers after ten."""
    chief, officer = await unit(stage, there)
    elsewhere = await stage.member(OFFICER, here, "officer")
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    await alva.command("larm")
    await alva.press("Händer nu")
    assert not elsewhere.messages, "the notice came on both platforms at once"
    stage.tell("Tre minuter har gått")
    await stage.advance(minutes=3)
    assert elsewhere.has("det är din tur")
    assert not chief.has("det är din tur"), "it was everybody's turn"
    assert alva.has("Ingen har svarat på ärende 1 än")
    stage.tell("Sex minuter har gått: alla får frågan igen")
    await stage.advance(minutes=3)
    assert chief.has("Påminnelse")
    stage.tell("Tio minuter har gått: chefen får numren")
    await stage.advance(minutes=4)
    assert chief.has("Ring runt")
    await officer.press("Jag tar den")
    stage.tell("Bo tog det men sade inte när; efter tio minuter får alla veta det")
    await stage.advance(minutes=5)
    assert officer.has("När hör du av dig i ärende 1?")
    await stage.advance(minutes=5)
    assert alva.has("har inte hört av sig i tid")


async def at_night(stage: Stage, here: str, there: str) -> None:
    """Outside staffed hours the first answer says so, and whom to call."""
    await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    await stage.move_to(datetime(2026, 11, 28, 21, 40, tzinfo=UTC))
    stage.tell("Lördag kväll, 22.40")
    await alva.command("flagga")
    await alva.press("Händer nu")
    assert alva.has("Ingen är i tjänst just nu")


async def who_sees(stage: Stage, here: str, there: str) -> None:
    """An official chooses, a contact may keep it to the unit, and another party sees nothing at all."""
    await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    nils = await stage.member(OTHER, here, "contact", OTHER_PARTY)
    ove = await stage.member(OFFICIAL, here, "official", PARTY)
    await ove.command("flagga")
    await ove.press("Händer nu")
    await ove.press("Hoppa över")
    await ove.press("Ja, jag har ringt")
    await ove.press("Hoppa över")
    assert not alva.messages, "the contact heard before the official had said so"
    await ove.press("Mitt partis kontakt")
    await alva.press("Visa")
    stage.tell("Ett annat partis ärende och ett som inte finns: samma ord")
    await nils.command("arende", "1")
    first = nils.last.text
    await nils.command("arende", "99")
    assert nils.last.text == first
    stage.tell("Den säkerhetsansvariga väljer bara säkerhetsenheten")
    mira = await stage.member(DEPUTY, here, "deputy", PARTY)
    await alva.command("flagga")
    await alva.press("Händer nu")
    await alva.press("Bara enheten")
    await mira.command("arende", "2")
    assert mira.last.text == first


async def interrupted(stage: Stage, here: str, there: str) -> None:
    """A conversation is there after a restart, the next day, on the other platform; and in English on request."""
    _, officer = await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    elsewhere = await stage.member(CONTACT, there, "contact", PARTY)
    await alva.command("flagga")
    await alva.press("På gång")
    await alva.press("Hot")
    stage.tell("Boten startas om, och det blir nästa dag")
    await stage.restart()
    await stage.advance(days=1)
    await elsewhere.write("Någon har ringt och hotat vår kassör")
    await elsewhere.press("Hoppa över")
    await elsewhere.press("Hoppa över")
    await elsewhere.press("Hoppa över")
    await elsewhere.press("Skicka till enheten")
    assert officer.has("Ärende 1 · På gång")
    await elsewhere.command("sprak")
    await elsewhere.press("English")
    await elsewhere.command("mine")
    assert elsewhere.has("Your open cases")


async def role_ends(stage: Stage, here: str, there: str) -> None:
    """Whoever's role ends keeps the thread of the own open incidents, and is a stranger when they are over."""
    chief, officer = await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    await alva.command("flagga")
    await alva.press("Händer nu")
    await alva.press("Hoppa över")
    await alva.press("Ja, jag har ringt")
    await alva.press("Hoppa över")
    await officer.press("Jag tar den")
    await chief.command("personer")
    await chief.press(CONTACT)
    await chief.press(f"Avsluta: säkerhetsansvarig, {PARTY}")
    await chief.press("Ja, gör det")
    await alva.write("Jag hör steg utanför dörren")
    assert officer.has("Nytt i ärende 1")
    await officer.press("Visa", "Nytt i ärende 1")
    await officer.press("Avsluta")
    await officer.write("Polisen är på plats.")
    await officer.press("Ja, avsluta")
    await alva.write("Hej igen")
    assert alva.has("Du behöver en inbjudan")


async def shared_place(stage: Stage, here: str, there: str) -> None:
    """The unit's own channel or group: number, urgency and buttons; the details come as a direct message."""
    chief, officer = await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    place = stage.place("Säkerhetsenheten", there, [chief, officer])
    await place.add_bot(chief)
    await chief.press("Ja, visa där")
    await alva.command("flagga")
    await alva.press("Händer nu")
    await alva.write("Torget, vid fontänen")
    assert "Torget" not in place.texts, "details show in the shared place"
    await place.press(officer, "Jag tar den")
    await place.press(officer, "Visa")
    assert officer.has("Torget, vid fontänen")
    assert "Bo Ekdal tog det" in place.texts


async def underlag(stage: Stage, here: str, there: str) -> None:
    """Pictures, a file and somebody else's words come with the flag; the unit opens them, and that is noted."""
    _, officer = await unit(stage, there)
    alva = await stage.member(CONTACT, here, "contact", PARTY)
    nils = await stage.member(OTHER, here, "contact", OTHER_PARTY)
    stage.tell("Alva skickar en bild innan hon har sagt vad det gäller")
    await alva.attach("dorren.png", PICTURE, "image/png")
    await alva.press("Händer nu")
    await alva.attach("fasaden.png", PICTURE + b"2", "image/png", "Baksidan av biblioteket")
    assert alva.has("2 bilder"), "the second picture did not join the first"
    stage.tell("Hon skickar vidare det som någon skrev i går kväll")
    await alva.pass_on("Vi vet var ni sitter", "Grannen", stage.clock.at - timedelta(hours=14))
    stage.tell("Ett program och en för stor film får tydliga svar")
    await alva.attach("bilder.exe", b"MZ", "application/octet-stream")
    await alva.attach("film.mp4", bytes(20 * 1024 * 1024 + 1), "video/mp4")
    assert alva.has("högst 20 MB")
    stage.tell("Bo läser, öppnar en bild och meddelandet")
    await officer.press("Jag tar den")
    await officer.command("arende", "1")
    await officer.press("Visa underlag")
    await officer.press("Öppna 1")
    await officer.press("Öppna 3")
    assert [content for _, _, content in officer.files] == [PICTURE], "the picture is not what was sent"
    await officer.command("arende", "1")
    await officer.press("Läs allt")
    assert officer.has("öppnade underlag 1"), "nobody can see who opened it"
    stage.tell("Ett annat partis kontakt hittar ingenting")
    await nils.command("arende", "1")
    assert nils.has("hittar jag inte")


SCENES: dict[str, Scene] = {
    "1-arriving": arriving,
    "2-happening-now": happening_now,
    "3-brewing": brewing,
    "4-past-and-rumour": past,
    "5-silence": silence,
    "6-at-night": at_night,
    "7-who-sees": who_sees,
    "8-interrupted": interrupted,
    "9-role-ends": role_ends,
    "10-shared-place": shared_place,
    "11-underlag": underlag,
    **scenes_coverage.SCENES,
    **scenes_linked.SCENES,
    **scenes_quiet.SCENES,
    **scenes_alerts.SCENES,
    **scenes_duty.SCENES,
    **scenes_advice.SCENES,
    **scenes_calendar.SCENES,
    **scenes_council.SCENES,
}
WAYS = (("telegram", "slack"), ("slack", "telegram"))
