"""Every conversation, by the name that is stored with its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from bot.flows.about import FirstContact, about
from bot.flows.alerting import Following, Replying, following, replying
from bot.flows.answer import Closing, Writing, answer, close, more
from bot.flows.broadcast import Changing, Composer, broadcast, changing
from bot.flows.called import Switchboard, called
from bot.flows.checklist import Ending as RunEnding
from bot.flows.checklist import OneStep, SomeStep, Together, drop, one_step, sign, some_step, together
from bot.flows.criticism import Asked, criticism
from bot.flows.duty import (
    Absences,
    Ending,
    HandingOver,
    Leave,
    Roster,
    Swapping,
    away,
    back,
    end_rota,
    hand_over,
    rota,
    swap,
)
from bot.flows.flag import Reporter, flag
from bot.flows.helping import Helping, helping
from bot.flows.linking import Everybody, Leading, Linking, apart, link, write_all
from bot.flows.meeting import (
    Hosting,
    Inviting,
    OneBriefing,
    OneMeeting,
    agenda,
    briefing_move,
    briefing_words,
    event,
    meeting,
    move,
)
from bot.flows.meeting_day import Checking, Declining, LookingBack, Ordering, check, decline, look_back, order
from bot.flows.number import PhoneBook, number
from bot.flows.people import Register, Speaker, invite, language, party, people
from bot.flows.planning import Planning, planning
from bot.flows.promising import (
    Called,
    Handing,
    Looking,
    Promising,
    Putting,
    Watching,
    hand,
    look,
    measure,
    put_off,
    retitle,
    watch,
)
from bot.flows.quiet import Sleeper, quiet
from bot.flows.risk import Judging, Sorter, cases, judge
from bot.flows.support import Calling, Directory
from bot.flows.support import add as support_add
from bot.flows.support import call as support_call
from bot.flows.support import put_first as support_first
from bot.flows.support import remove as support_out
from bot.flows.words import words
from bot.prompts import Flow


@dataclass(frozen=True)
class Conversing:
    """A registered flow: how it is played and what it starts with."""

    run: Callable[[Any], Flow]
    inputs: type[Any]

    def start(self, inputs: dict[str, Any]) -> Callable[[], Flow]:
        """The flow with its stored inputs. Raises ValidationError when they no longer fit."""
        ready = self._reader.validate_python(inputs)
        return lambda: self.run(ready)

    @cached_property  # making one takes as long as a query
    def _reader(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.inputs)


FLOWS: dict[str, Conversing] = {
    "flag": Conversing(flag, Reporter),
    "words": Conversing(words, Reporter),
    "answer": Conversing(answer, Writing),
    "more": Conversing(more, Writing),
    "close": Conversing(close, Closing),
    "link": Conversing(link, Linking),
    "apart": Conversing(apart, Leading),
    "write_all": Conversing(write_all, Everybody),
    "called": Conversing(called, Switchboard),
    "helping": Conversing(helping, Helping),
    "broadcast": Conversing(broadcast, Composer),
    "changing": Conversing(changing, Changing),
    "planning": Conversing(planning, Planning),
    "meeting": Conversing(meeting, Inviting),
    "meeting_move": Conversing(move, OneMeeting),
    "agenda": Conversing(agenda, OneMeeting),
    "event": Conversing(event, Hosting),
    "brief_move": Conversing(briefing_move, OneBriefing),
    "brief_words": Conversing(briefing_words, OneBriefing),
    "order": Conversing(order, Ordering),
    "order_no": Conversing(decline, Declining),
    "check": Conversing(check, Checking),
    "look_back": Conversing(look_back, LookingBack),
    "risk_cases": Conversing(cases, Sorter),
    "risk_judge": Conversing(judge, Judging),
    "measure": Conversing(measure, Promising),
    "measure_move": Conversing(put_off, Putting),
    "watch": Conversing(watch, Watching),
    "watch_look": Conversing(look, Looking),
    "retitle": Conversing(retitle, Called),
    "hand": Conversing(hand, Handing),
    "about": Conversing(about, FirstContact),
    "following": Conversing(following, Following),
    "replying": Conversing(replying, Replying),
    "run_together": Conversing(together, Together),
    "run_step": Conversing(one_step, OneStep),
    "run_note": Conversing(some_step, SomeStep),
    "run_sign": Conversing(sign, RunEnding),
    "run_drop": Conversing(drop, RunEnding),
    "support": Conversing(support_call, Calling),
    "support_add": Conversing(support_add, Directory),
    "support_out": Conversing(support_out, Directory),
    "support_first": Conversing(support_first, Directory),
    "guide": Conversing(criticism, Asked),
    "duty_rota": Conversing(rota, Roster),
    "duty_end": Conversing(end_rota, Ending),
    "duty_swap": Conversing(swap, Swapping),
    "duty_away": Conversing(away, Leave),
    "duty_back": Conversing(back, Absences),
    "duty_hand": Conversing(hand_over, HandingOver),
    "party": Conversing(party, Register),
    "invite": Conversing(invite, Register),
    "people": Conversing(people, Register),
    "number": Conversing(number, PhoneBook),
    "language": Conversing(language, Speaker),
    "quiet": Conversing(quiet, Sleeper),
}


def plain_inputs(inputs: Any) -> dict[str, Any]:
    """A flow's inputs as plain values, to be stored."""
    return asdict(inputs)
