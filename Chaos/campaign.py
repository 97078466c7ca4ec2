"""The order of a run: start, disturb, calm, settle, judge, stop."""

import asyncio
import time

import processes
import report
import verdict
from faults import Faults
from load import Simulation
from plan import EDGES, LEAST, kinds, plan
from probe import Probe
from stack import Stack
from targets import Failure

# Events a second, at each edge.
RATE = 500
# For what follows the last fault.
SETTLE_SECONDS = 90


class Campaign:
    def __init__(self, seed, seconds, folder):
        self.seed = seed
        self.seconds = seconds
        self.folder = folder
        self.logs = folder / "logs"
        self.failures = []
        self.facts = {}

    async def run(self):
        """Whether everything held."""
        began = time.monotonic()
        self.stack = Stack(self.folder, self.logs, self.seed)
        try:
            await self._attempt(self._live())
        finally:
            await self._attempt(self.stack.stop())
        self.facts["seconds"] = time.monotonic() - began
        report.show(self)
        return not self.failures

    async def _attempt(self, work):
        try:
            await work
        except* Failure as group:
            self.failures += group.exceptions

    async def _live(self):
        report.say(f"seed {self.seed}: starting PostgreSQL, Redis and the services")
        await self.stack.start()
        stack = self.stack
        faults_planned = plan(self.seed, self.seconds)
        (self.logs / "plan.log").write_text("".join(f"{fault}\n" for fault in faults_planned))
        edges = [stack.targets[name] for name in EDGES]
        self.probes = {edge.name: Probe(edge) for edge in edges}
        self.simulations = [
            Simulation(
                stack.playhead, edge, 2 * self.seed + turn, RATE * (self.seconds + SETTLE_SECONDS), stack.environment, self.logs, rate=RATE)
            for turn, edge in enumerate(edges)
        ]
        for simulation in self.simulations:
            simulation.start()
        probing = [asyncio.create_task(probe.run()) for probe in self.probes.values()]
        watching = asyncio.create_task(self._watch())
        report.say(f"{len(faults_planned)} faults in {self.seconds} s")
        with open(self.logs / "faults.log", "w") as log:
            self.faults = Faults(stack.targets, stack.proxies, stack.disk, self.probes, log)
            await self.faults.run(faults_planned)
        self.failures += self.faults.failures
        report.say("the faults are over: settling")
        await self._settle(probing)
        watching.cancel()

    async def _watch(self):
        """A target that ends by itself is a failure, and is started again so that the run goes on."""
        while True:
            for name in EDGES:
                self.facts["peak"] = max(self.facts.get("peak", 0), processes.peak_mib(self.stack.targets[name].process.pid))
            for target in self.stack.targets.values():
                if target.has_died():
                    self.failures.append(Failure(f"{target.name} died by itself ({target.process.returncode})", target.log))
                    await self._attempt(target.start())
            await asyncio.sleep(0.1)

    async def _settle(self, probing):
        stack, facts = self.stack, self.facts
        facts["ready"] = await verdict.await_ready(stack.services)
        # A probe whose request is under way hears the answer.
        await asyncio.sleep(0.2)
        for task in probing:
            task.cancel()
        await asyncio.gather(*probing, return_exceptions=True)
        for simulation in self.simulations:
            await simulation.finish()
        await self._attempt(self._judge())
        await self._attempt(verdict.expect_no_dead_letters(stack.playhead, stack.direct, self.logs))
        for probe in self.probes.values():
            self.failures += verdict.answers(probe)
            if lost := await probe.lost(stack.targets["query"]):
                self.failures.append(Failure(f"a probe lost events: {lost}"))
        self.failures += verdict.memory(facts["peak"])
        self._count()

    async def _judge(self):
        stack, facts = self.stack, self.facts
        facts["drained"] = await verdict.await_empty(stack.disk.folder)
        facts["events"], facts["sessions"] = await verdict.verify(
            stack.playhead, self.simulations, stack.targets["query"], stack.direct, self.logs
        )
        facts["compacted"] = await verdict.expect_compaction(stack.direct)
        facts["brought back"] = await verdict.count_brought_back(stack.services)

    def _count(self):
        rare = [str(kind) for kind in kinds() if self.faults.fired[str(kind)] < LEAST]
        if rare:
            self.failures.append(Failure(f"fewer than {LEAST} times: {', '.join(rare)}"))
