"""One share of asynchronous members, through all phases."""

import asyncio
import itertools
from pathlib import Path

import audit
from ledger import Ledger
from phases import RECOVERY, SLOW, STOPPED, Phase
from pipeline import Pipeline
from recording import Request, Verdict
from sender import Sender
from targets import Failure
from viewers import Event

# What members are promised who follow a route: some of each kind are among as many members.
DURABILITIES = {0: {"database"}, 50: {"database", "stream"}, 100: {"stream"}}
PROBED_MEMBERS = 32
FOLLOW_SECONDS = 30


class Trial:
    def __init__(self, folder: Path, share: int, rate: int, phases: list[Phase]):
        self.share = share
        self.rate = rate
        self.phases = {phase.name: phase for phase in phases}
        self.seconds = phases[-1].end
        self.pipeline = Pipeline(folder)
        self.ledger = Ledger()

    async def run(self) -> tuple[list[Request], Verdict]:
        pipeline = self.pipeline
        try:
            await pipeline.start()
            sender = Sender(pipeline.edge.http_port, self.share, self.ledger)
            await pipeline.route(self.share)
            await self._await_followed(sender)
            await self._send_through_the_phases(sender)
            return sender.requests, await self._judge(sender)
        finally:
            await pipeline.stop()

    async def _await_followed(self, sender):
        """Edges look for a new route now and then; what the probes sent is part of what must not be lost."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + FOLLOW_SECONDS
        for seq in itertools.count():
            events = [Event(f"viewer-{member:04}", "before", seq) for member in range(PROBED_MEMBERS)]
            found = set(await asyncio.gather(*map(sender.post, events)))
            if found == DURABILITIES[self.share]:
                return
            if loop.time() > deadline:
                break
            await asyncio.sleep(0.1)
        raise Failure(f"the edge does not follow the route {self.share}: {', '.join(sorted(found))}", self.pipeline.edge.log)

    async def _send_through_the_phases(self, sender):
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._disturb(began))
            group.create_task(sender.send(began, self.rate, self.seconds))

    async def _disturb(self, began):
        pipeline = self.pipeline
        await _sleep_until(began + self.phases[SLOW].begin)
        await pipeline.slow_commits()
        await _sleep_until(began + self.phases[STOPPED].begin)
        await pipeline.prompt_commits()
        # A fast shutdown, as an operator's: connections end, and new ones are refused.
        await pipeline.postgres.stop()
        await _sleep_until(began + self.phases[RECOVERY].begin)
        await pipeline.postgres.start()

    async def _judge(self, sender):
        loop = asyncio.get_running_loop()
        ended = loop.time()
        await self.pipeline.settle()
        applied = loop.time() - ended
        await self.pipeline.await_ready()
        lost, invented = await audit.compare(self.pipeline.query.http_port, self.ledger)
        ledger = self.ledger
        return Verdict(self.share, ledger.acknowledged_count, len(ledger.acknowledged_events), applied, sender.late_ms, lost, invented)


async def _sleep_until(time):
    await asyncio.sleep(max(time - asyncio.get_running_loop().time(), 0))
