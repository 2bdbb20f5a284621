"""The risk guide in chat: all cases sorted at once, statements answered and kept, several people, results, anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.playground.seat import Seat
from storage.tables import Assessment, Briefing, Meeting, RiskCase, RiskVersion
from tests.contract.conftest import House
from tests.contract.test_meetings import called, open_card

CASES = ("Ny skola i Norrby", "Vattentaxan", "Vindkraft på Kullen")
MEETING = "Fullmäktige 7/12"
SECOND, THIRD = 8, 12  # statements


async def council(town: House, *cases: str, when: str = "7 december 18") -> None:
    """A council meeting with these cases."""
    await called(town, "Fullmäktige", when, "Förtroendevalda med", kind="Fullmäktige")
    if cases:
        await open_card(town.officer, MEETING)
        await town.officer.press("Skriv ärenden")
        await town.officer.write("\n".join(cases))


async def sorting(town: House, who: Seat) -> None:
    """Open the sorting of the council's cases."""
    await who.command("risk")
    await who.press(MEETING)


async def judged(who: Seat, *answers: str, roles: tuple[str, ...] = ("Säkerhetschefen", "Inga fler")) -> None:
    """Answer every statement of the step that is open, who took part, and let it be added up."""
    for said in answers:
        await who.press(said)
    for role in roles:
        await who.press(role)
    await who.press("Ja, räkna ihop")


async def case(town: House, title: str = CASES[0]) -> RiskCase:
    """The case as it is stored now."""
    return next(row for row in await town.all(RiskCase) if row.title == title)


async def test_all_cases_of_a_meeting_are_sorted_on_one_message_and_how_they_stand_shows(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    assert "Är ni osäkra gäller den högre nivån" in town.officer.find("Tänk på det här").text
    page = town.officer.last
    assert "Sortera ärendena: 3 av 3 är kvar" in page.text
    assert "A. Ny skola i Norrby: inte sorterat" in page.text
    before = len(town.officer.messages)
    for label in ("A Hög", "B Låg", "C Måttlig"):
        await town.officer.press(label)
    assert len(town.officer.messages) == before, "each press changes the one message"
    assert "Alla är sorterade: 3" in town.officer.last.text
    await town.officer.press("Visa läget")
    shown = town.officer.last.text
    assert "Högsta risken just nu: Hög" in shown
    assert "Hög: 1. Måttlig: 1. Låg: 1. Inte sorterade: 0." in shown
    assert shown.index("Ny skola") < shown.index("Vindkraft") < shown.index("Vattentaxan")


async def test_eleven_cases_take_three_pages_and_the_page_with_the_first_unsorted_one_opens(town: House) -> None:
    await council(town, *(f"Ärende {n}" for n in range(1, 12)))
    await sorting(town, town.officer)
    for letter in "ABCDE":
        await town.officer.press(f"{letter} Låg")
    await town.officer.press("Nästa sida")
    assert "A. Ärende 6: inte sorterat" in town.officer.last.text
    await town.officer.press("A Hög")
    await town.restart()
    await sorting(town, town.chief)
    assert "B. Ärende 7: inte sorterat" in town.chief.last.text, "somebody else goes on where it was left"
    assert "A. Ärende 6: Hög" in town.chief.last.text
    assert not town.chief.has("Tänk på det här")


async def test_when_two_sort_differently_the_higher_counts_and_both_see_it(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    await sorting(town, town.chief)
    await town.officer.press("A Hög")
    await town.chief.press("A Låg")
    assert "A. Ny skola i Norrby: Hög (ni svarade olika)" in town.chief.last.text
    await town.officer.press("A Måttlig")
    assert "A. Ny skola i Norrby: Måttlig (ni svarade olika)" in town.officer.last.text, "their own answer is changed"


async def test_the_eight_statements_give_a_result_with_who_took_part_every_answer_and_that_limits_are_local(
    town: House,
) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    await town.officer.press("A Måttlig")
    await town.officer.press("Visa läget")
    await town.officer.press("Ny skola i Norrby")
    await town.officer.press("Gör steg 2")
    question = town.officer.last.text
    assert "Ny skola i Norrby" in question
    assert "välj det högre" in question
    await judged(town.officer, *["Vet inte"] * 7, "Hög", roles=("Säkerhetschefen", "Kommunikatör", "Inga fler"))
    shown = town.officer.last.text
    assert "Hög risk · Ny skola i Norrby" in shown
    assert "Steg 2: hög (9 av 16 poäng)." in shown
    assert "Stegen gav olika svar. Steg 2 gäller" in shown
    assert "inte SKR:s" in shown
    assert "riskguideforebyggakonflikt.skr.se" in shown
    await town.officer.press("Visa alla svar")
    whole = town.officer.last.text
    assert "Säkerhetschefen, Kommunikatör" in whole
    assert whole.count("Vet inte") == 7
    assert "version 2026-11-26" in whole
    (version,) = await town.all(RiskVersion)
    assert version.version == "2026-11-26"


async def test_what_is_answered_is_kept_for_later_and_goes_on_where_it_was_left(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Hög", "Visa läget", "Ny skola i Norrby", "Gör steg 2", "Låg", "Måttlig", "Spara, fortsätt sen"):
        await town.officer.press(label)
    assert "Sparat. Svar hittills: 2." in town.officer.last.text
    await town.restart()
    await town.officer.press("Gör steg 2")
    await town.officer.press("Tillbaka")
    assert "2 av" in town.officer.last.text, "the second answer can be changed"
    await judged(town.officer, *["Låg"] * 7)
    assert "Steg 2: låg (0 av 16 poäng)." in town.officer.last.text


async def test_several_answer_the_same_case_and_for_each_statement_the_higher_counts(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Hög", "Visa läget", "Ny skola i Norrby", "Gör steg 2"):
        await town.officer.press(label)
    await judged(town.officer, *["Låg"] * SECOND)
    assert (await case(town)).level == "low"
    await town.chief.command("risk")
    await town.chief.press(MEETING)
    await town.chief.press("A Öppna")
    await town.chief.press("Svara på steg 2")
    await judged(town.chief, *["Låg"] * 7, "Hög", roles=("Kommunikatör", "Inga fler"))
    shown = town.chief.last.text
    assert "Måttlig risk" in shown
    assert "Ni svarade olika på 1 av frågorna. Det högre svaret räknas." in shown
    await town.chief.press("Visa alla svar")
    assert "Hög räknas (Omar Lind: låg, Siv Almgren: hög)" in town.chief.last.text
    assert "Med: Säkerhetschefen, Kommunikatör." in town.chief.last.text, "nobody's part is forgotten"


async def test_step_three_gives_one_of_nine_squares_with_advice(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Hög", "Visa läget", "Ny skola i Norrby", "Gör steg 2"):
        await town.officer.press(label)
    await judged(town.officer, *["Hög"] * SECOND)
    await town.officer.press("Gör steg 3")
    await judged(town.officer, *["Stämmer helt"] * 6, *["Stämmer inte"] * 6, roles=())
    assert "Steg 3: ruta G." in town.officer.last.text
    await town.officer.press("Svara på steg 3")
    await town.officer.press("Ändra svar 12")
    await town.officer.press("Stämmer delvis")
    await town.officer.press("Ja, räkna ihop")
    assert "Steg 3: ruta I." in town.officer.last.text, "violence makes the conflict high whatever the sum"


async def test_a_case_is_assessed_anew_and_what_changed_shows(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Måttlig", "Visa läget", "Ny skola i Norrby", "Gör steg 2"):
        await town.officer.press(label)
    await judged(town.officer, *["Måttlig"] * 4, *["Låg"] * 4)
    assert "Måttlig risk" in town.officer.last.text
    await town.advance(days=3)
    await town.officer.press("Bedöm på nytt")
    assert (await case(town)).level == "moderate", "the former result counts until there is a new one"
    await town.officer.press("Hög")
    await town.officer.press("Gör steg 2")
    await judged(town.officer, *["Måttlig"] * 3, *["Hög"] * 5)
    assert "Bedömningen före, 23 november: Måttlig." in town.officer.last.text
    await town.officer.press("Visa alla svar")
    await town.officer.press("Visa vad som ändrats")
    shown = town.officer.last.text
    assert "23 november: Måttlig. 26 november: Hög." in shown
    assert "Måttlig blev Hög" in shown
    assert "Låg blev Hög" in shown
    assert len(await town.all(Assessment)) == 2


async def test_a_name_in_a_title_is_warned_of(town: House) -> None:
    await council(town, "Bygglov för Anna Karlsson", "Ny skola")
    assert "Står det ett namn: Anna Karlsson?" in town.officer.last.text
    await town.officer.command("risk")
    await town.officer.press("Ärende utan möte")
    await town.officer.write("Klagomål på Per Ek\nVattentaxan")
    assert town.officer.has("Står det ett namn: Per Ek?")
    assert "A. Klagomål på Per Ek" in town.officer.last.text


async def test_cases_of_no_meeting_are_assessed_too(town: House) -> None:
    await town.officer.command("risk")
    assert "Inget möte de närmaste 60 dagarna" in town.officer.last.text
    await town.officer.press("Ärende utan möte")
    await town.officer.write("Nedläggning av badhuset")
    await town.officer.press("A Hög")
    await town.officer.press("Visa läget")
    await town.officer.press("Nedläggning av badhuset"[:19] + "…")
    assert "Hög risk · Nedläggning av badhuset" in town.officer.last.text


@pytest.mark.parametrize("who", ["contact", "official", "neighbour", "loner"])
async def test_nobody_outside_the_unit_sees_or_does_any_of_it(town: House, who: str) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    await town.officer.press("A Hög")
    number = (await case(town)).id
    seat: Seat = getattr(town, who)
    await seat.command("meny")
    before = await town.all(Assessment)
    for act in ("risk.1", "risk.0", f"risk_sort.{number}.low", f"risk_case.{number}", f"risk_judge.{number}.2",
                f"risk_answers.{number}", f"risk_anew.{number}", "risk_over.1", "risk_page.1.0", f"risk_off.{number}",
                f"measure_new.{number}.case", "watch_list.0", f"watch_new.{number}"):  # fmt: skip
        told = await town.told(seat, town.forge(seat, f"a.{act}", seat.messages[0]))
        assert "Ny skola" not in told, act
        assert "Hög" not in told, act
    await seat.command("risk")
    assert "Ny skola" not in seat.last.text
    assert [row.sorted for row in await town.all(Assessment)] == [row.sorted for row in before] == ["high"]


async def test_a_meeting_cancelled_midway_keeps_the_answers_and_says_so(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Hög", "Visa läget", "Ny skola i Norrby", "Gör steg 2", *["Låg"] * 7):
        await town.officer.press(label)
    await open_card(town.chief, MEETING)
    await town.chief.press("Ställ in")
    await town.chief.press("Ja, ställ in")
    await judged(town.officer, "Hög")
    assert "Mötet är inställt, men svaren är sparade." in town.officer.messages[-2].text
    assert (await case(town)).level == "moderate"
    (meeting,) = [row for row in await town.all(Meeting) if row.kind == "council"]
    told = await town.told(town.officer, town.forge(town.officer, f"a.risk.{meeting.id}"))
    assert "Mötet är inställt. Det som är bedömt är sparat." in told


async def test_a_case_that_leaves_the_agenda_counts_until_it_is_taken_off(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    await town.officer.press("A Hög")
    await open_card(town.officer, MEETING)
    await town.officer.press("Skriv ärenden")
    await town.officer.write("Vattentaxan")
    await open_card(town.officer, MEETING)
    assert "Risk: Hög." in town.officer.last.text
    number = (await case(town)).id
    await town.forge(town.officer, f"a.risk_case.{number}")
    await town.officer.press("Ta bort från mötet")
    await open_card(town.officer, MEETING)
    assert "Risk:" not in town.officer.last.text


async def test_a_plan_does_more_when_a_case_is_high_and_says_why_as_far_as_the_reader_may_see(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Hög", "B Låg", "C Låg"):
        await town.officer.press(label)
    steps = {row.step: row for row in await town.all(Briefing)}
    assert steps["sort"].state == "done", "sorting them all is what the plan asked for"
    await town.live_to(steps["raised_unit"].due_at + timedelta(minutes=1))
    seen = town.contact.find("Mötet kan väcka starka känslor")
    assert "Var beredd på: Ny skola i Norrby." in seen.text
    assert "hög" not in seen.text
    assert "Var beredd på: Ny skola i Norrby (hög)." in town.chief.find("Mötet har förhöjd risk").text
    assert town.chief.has("Hög risk: bestäm om mötet behöver mer skydd")
    assert not town.official.has("Mötet kan väcka starka känslor")


async def test_without_a_raised_case_the_plan_does_not_do_more_and_one_raised_late_brings_it_back(town: House) -> None:
    await council(town, *CASES)
    due = {row.step: row.due_at for row in await town.all(Briefing)}
    await town.live_to(due["raised"] + timedelta(minutes=1))
    assert not town.contact.has("Mötet kan väcka starka känslor")
    await sorting(town, town.officer)
    await town.officer.press("A Måttlig")
    await town.advance(minutes=1)
    assert town.contact.has("Mötet kan väcka starka känslor")


async def test_where_only_notices_pass_no_title_of_a_case_goes_to_telegram(town: House) -> None:
    await council(town, *CASES)
    town.app.house.notices_only = True
    await town.officer.command("risk")
    since = len(town.officer.messages)
    await town.officer.press(next(label for label in town.officer.last.labels if "7" in label))
    await town.officer.press("A Hög")
    assert (await case(town)).level == "high"
    await town.officer.press("Visa läget")
    over = town.officer.last
    await town.officer.press(over.labels[0])
    await town.officer.command("bevaka")
    await town.officer.command("risk")
    shown = "\n".join(map(str, town.officer.messages[since:]))
    assert ("Ny skola" in shown) is (town.platform == "slack")
    assert ("Fullmäktige 7" in shown) is (town.platform == "slack")
    assert "Hög" in shown


async def test_what_is_broken_off_is_kept_and_the_same_round_is_never_asked_twice(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Hög", "Visa läget", "Ny skola i Norrby", "Gör steg 2", "Hög", "Hög", "Avbryt"):
        await town.officer.press(label)
    assert "Sparat. Svar hittills: 2." in town.officer.last.text
    await town.officer.press("Gör steg 2")
    await town.officer.press("Låg")
    await town.forge(town.officer, f"a.risk_judge.{(await case(town)).id}.2")
    assert "Svar" not in town.officer.last.text
    await judged(town.officer, *["Låg"] * 5)
    assert "Steg 2: hög (4 av 16 poäng)." in town.officer.last.text
    assert town.officer.last.text.startswith("Hög risk"), "nothing goes on where it was"


async def test_answers_to_an_assessment_that_was_begun_anew_meanwhile_are_not_mixed_into_the_new_one(
    town: House,
) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Hög", "Visa läget", "Ny skola i Norrby", "Gör steg 2"):
        await town.officer.press(label)
    await judged(town.officer, *["Låg"] * SECOND)
    await town.officer.press("Svara på steg 2")
    await town.chief.command("risk")
    for label in (MEETING, "A Öppna", "Bedöm på nytt"):
        await town.chief.press(label)
    assert "Steg 2: låg" in town.chief.last.text, "the result in force can be read"
    told = await town.told(town.officer, town.officer.press("Ja, räkna ihop"))
    assert "Någon började om bedömningen" in told
    assert [row.answers for row in await town.all(Assessment)][1] == {}
    await town.chief.press("Ångra ny bedömning")
    assert len(await town.all(Assessment)) == 1


async def test_a_name_that_was_taken_out_of_a_title_goes_to_nobody(town: House) -> None:
    await council(town, "Bygglov för Anna Karlsson", "Vattentaxan")
    await sorting(town, town.officer)
    await town.officer.press("A Hög")
    await open_card(town.officer, MEETING)
    await town.officer.press("Skriv ärenden")
    await town.officer.write("Ett bygglov\nVattentaxan")
    steps = {row.step: row for row in await town.all(Briefing)}
    await town.live_to(steps["raised"].due_at + timedelta(minutes=1))
    assert town.contact.has("Mötet kan väcka starka känslor")
    assert not town.contact.has("Anna Karlsson")


async def test_a_title_is_put_right_on_the_agenda_too_and_the_assessment_stays(town: House) -> None:
    await council(town, "Bygglov för Anna Karlsson")
    await sorting(town, town.officer)
    for label in ("A Hög", "Visa läget"):
        await town.officer.press(label)
    await town.officer.press(town.officer.last.labels[0])
    await town.officer.press("Ändra titeln")
    await town.officer.write("Ett bygglov i Norrby")
    assert "Hög risk · Ett bygglov i Norrby" in town.officer.last.text
    await open_card(town.officer, MEETING)
    assert "1. Ett bygglov i Norrby" in town.officer.last.text
    assert "Anna" not in town.officer.last.text


async def test_new_cases_on_the_agenda_are_to_be_sorted_too(town: House) -> None:
    await council(town, *CASES)
    await sorting(town, town.officer)
    for label in ("A Låg", "B Låg", "C Låg"):
        await town.officer.press(label)
    await open_card(town.officer, MEETING)
    await town.officer.press("Skriv ärenden")
    await town.officer.write("\n".join([*CASES, "Asylboende i centrum"]))
    assert "Nya att sortera: 1." in town.officer.last.text
    assert {row.step: row.state for row in await town.all(Briefing)}["sort"] == "open"
    await open_card(town.officer, MEETING)
    assert "Ärenden som inte är sorterade: 1." in town.officer.last.text
