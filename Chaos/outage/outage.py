"""Events are taken at a steady rate, Redis dies and comes back after a while; then everything is counted."""

import asyncio
import re
import time

import processes
import report
import verdict
import web
from load import Simulation
from stack import Stack
from targets import Failure

RATE = 2000
# With Redis there, before and after; the latter has to do for the drain to meet live traffic.
BEFORE_SECONDS = 10
AFTER_SECONDS = 30
ACCEPT_P99_MS = 100
# Of what was sent while Redis was away, this share must have been spooled, or it was not away.
LEAST_SPOOLED = 0.9


class Outage:
    def __init__(self, folder, seed, seconds):
        self.seed = seed
        self.seconds = seconds
        self.folder = folder
        self.logs = folder / "logs"
        self.stack = Stack(folder, self.logs, seed)
        self.failures = []

    async def run(self):
        """Whether nobody noticed."""
        try:
            await self._run()
        except Failure as failure:
            self.failures.append(failure)
        finally:
            await self.stack.stop()
        report.show_failures(self.failures)
        print("outage: FAILED" if self.failures else "outage: ok", flush=True)
        return not self.failures

    async def _run(self):
        await self._start()
        # More than are sent before it is told to end.
        events = RATE * (2 * (BEFORE_SECONDS + AFTER_SECONDS) + self.seconds)
        self.simulation = Simulation(
            self.stack.playhead, self.edge, self.seed, events, self.stack.environment, self.logs, rate=RATE, batch=1, concurrency=64)
        self.simulation.start()
        await asyncio.sleep(BEFORE_SECONDS)
        report.say(f"Redis is away for {self.seconds} s, under {RATE} events a second")
        redis = self.stack.targets["redis"]
        redis.kill()
        await asyncio.sleep(self.seconds)
        await redis.start()
        returned = time.monotonic()
        report.say("Redis is back")
        await asyncio.sleep(AFTER_SECONDS)
        await self.simulation.finish()
        await verdict.await_ready(self.stack.services)
        await verdict.await_empty(self.spool)
        report.row("spool", f"empty {time.monotonic() - returned:.1f} s after the return, of which {AFTER_SECONDS} s had live traffic")
        await self._judge()

    async def _start(self):
        stack = self.stack
        await stack.start_servers()
        # Nothing but Redis' absence is to be felt.
        stack.environment |= {name: stack.direct[name] for name in ("PLAYHEAD_REDIS_URL", "PLAYHEAD_POSTGRES_URL")}
        self.spool = self.folder / "spool"
        self.edge = stack.add("edge", "edge", PLAYHEAD_SPOOL_DIR=str(self.spool))
        stack.add("processor", "processor")
        stack.add("compactor", "compactor")
        self.query = stack.add("query", "query")
        for service in stack.services:
            await service.start()
        await verdict.await_ready(stack.services)

    async def _judge(self):
        lines = self.simulation.lines()
        for name in ("accepted", "requests", "latency"):
            report.row(name, lines.get(name, "?"))
        if not re.fullmatch(r"\d+ answered, 0 retries", lines.get("requests", "")):
            self.failures.append(Failure("not every request was answered 202", self.simulation.output))
        p99 = re.search(r"p99 ([\d.]+) ms", lines.get("latency", ""))
        if not p99 or float(p99[1]) >= ACCEPT_P99_MS:
            self.failures.append(Failure(f"p99 of a request must be below {ACCEPT_P99_MS} ms", self.simulation.output))
        spooled = await self._metric(r'playhead_edge_events_total\{outcome="spooled"\} ([\d.]+)')
        report.row("spooled", f"{spooled:.0f} events")
        if spooled < LEAST_SPOOLED * RATE * self.seconds:
            self.failures.append(Failure("fewer events were spooled than were sent meanwhile", self.edge.log))
        peak = processes.peak_mib(self.edge.process.pid)
        report.row("edge", f"{peak:.0f} MiB resident at most")
        self.failures += verdict.memory(peak)
        events, sessions = await verdict.verify(
            self.stack.playhead, [self.simulation], self.query, self.stack.direct, self.logs)
        report.row("verified", f"{events} events, {sessions} sessions: all that were accepted, 0 differences")
        await verdict.expect_no_dead_letters(self.stack.playhead, self.stack.direct, self.logs)

    async def _metric(self, pattern):
        _, body = await web.exchange(self.edge.admin_port, "GET", "/metrics")
        found = re.search(pattern, body.decode())
        return float(found[1]) if found else 0.0
