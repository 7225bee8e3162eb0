"""The run: every load on every server in turn, round after round, so that what disturbs one disturbs all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.gateway.load import ClosedLoop, Load, OpenLoop, Outcome
from bench.gateway.processes import Memory, cpu_s, memory
from bench.gateway.script import Form
from bench.gateway.servers import Server

CONNECTIONS = (1, 8, 32, 64)
AT_ONCE = (Form.WHOLE, Form.STREAM)
THROUGHPUT = tuple(ClosedLoop(form, number) for form in AT_ONCE for number in CONNECTIONS)
# Two connections at this pace are fewer requests a second than any gateway that was tried carries.
PACED = ClosedLoop(Form.PACED, 2)
AT_RATE = tuple(OpenLoop(form, 200) for form in AT_ONCE)


@dataclass(slots=True)
class Figures:
    """What was seen of one server under each load, and of its memory after them."""

    server: Server
    outcomes: dict[Load, Outcome] = field(default_factory=dict[Load, Outcome])
    memory: Memory = field(default_factory=Memory)

    @property
    def faults(self) -> list[str]:
        """Every answer that was missing or wrong."""
        return [fault for outcome in self.outcomes.values() for fault in outcome.faults]

    def most_per_second(self, form: Form) -> float:
        """The most answers a second that the server gave, at any number of connections."""
        return max(self.outcomes[ClosedLoop(form, number)].per_second for number in CONNECTIONS)

    def bears(self, load: Load) -> bool:
        """Whether a load can be put on the server: a fixed rate only if it is below what it was seen to carry."""
        return isinstance(load, ClosedLoop) or load.per_second < self.most_per_second(load.form)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: rounds, and for how long each load lasts in each of them."""

    num_rounds: int
    seconds: float


async def measure(servers: Sequence[Server], extent: Extent) -> list[Figures]:
    """Put every load on each server that bears it, in turn."""
    figures = [Figures(server) for server in servers]
    for server in servers:
        for form in AT_ONCE:
            await ClosedLoop(form, 8).run(server.port, extent.seconds)  # to warm up
    for number in range(extent.num_rounds):
        print(f"Round {number + 1} of {extent.num_rounds}", flush=True)
        for load in (*THROUGHPUT, PACED, *AT_RATE):
            for of in figures:
                if of.bears(load):
                    of.outcomes.setdefault(load, Outcome()).add(await _observed(load, of.server, extent.seconds))
    for of in figures:
        of.memory = memory(of.server.pid)
    return figures


async def _observed(load: Load, server: Server, seconds: float) -> Outcome:
    before_s = cpu_s(server.pid)
    outcome = await load.run(server.port, seconds)
    outcome.cpu_s = cpu_s(server.pid) - before_s
    return outcome
