"""How many updates a second are answered, from the first one sent to the last answer."""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.flags import newest, quiet
from tests.bench.municipality import Municipality, until
from tests.bench.process import AsyncContext

COMMAND = "/mina"


async def updates_per_second(town: Municipality, bot: Callable[[Municipality], AsyncContext], count: int) -> float:
    """Many ask at once and each gets one answer; the updates wait at the server, so no bot is ever idle."""
    async with bot(town):
        await quiet(town)
        known = [len(human.messages) for human in town.reporters]
        began = 0.0
        for number in range(count):
            await town.reporters[number % len(town.reporters)].write(COMMAND)
            began = began or newest(town)
        await until(lambda: answered(town) >= sum(known) + count, "the answers")
        await until(lambda: town.telegram.pending == 0, "the updates to be confirmed")
        await quiet(town)
    assert answered(town) == sum(known) + count, "one answer to each"
    return count / (last_answer(town) - began)


def answered(town: Municipality) -> int:
    """How many messages the reporters have."""
    return sum(len(human.messages) for human in town.reporters)


def last_answer(town: Municipality) -> float:
    """When the newest of them came."""
    return max(human.last.received_at for human in town.reporters if human.messages)
