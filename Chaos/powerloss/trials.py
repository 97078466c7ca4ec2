"""Events are taken, the machine of who took them loses its power, again and again; then they are counted."""

import asyncio
import random

import report
import spool
import verdict
from load import run
from powerloss.powerloss import Disk, compile_library
from probe import Probe
from proxy import Disturbance
from stack import Stack
from targets import Failure

LOSSES = 5
CLIENTS = 16
SETTLE_SECONDS = 60
DURABLE = {"appendonly": "yes", "appendfsync": "always", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Trials:
    def __init__(self, folder, seed):
        self.source = random.Random(seed)
        self.folder = folder
        self.logs = folder / "logs"
        self.stack = Stack(folder, self.logs, seed)
        self.failures = []

    async def run(self):
        """Whether every trial came out as it must."""
        try:
            await self._run()
        except Failure as failure:
            self.failures.append(failure)
        finally:
            await self.stack.stop()
        report.show_failures(self.failures)
        print("powerloss: FAILED" if self.failures else "powerloss: ok", flush=True)
        return not self.failures

    async def _run(self):
        stack = self.stack
        self.library = compile_library(self.folder)
        await stack.start_servers()
        await self._expect_settings()
        self.spool = self.folder / "spool"
        self.spool.mkdir(mode=0o700)
        self.edge = stack.add("edge", "edge", **spool.settings(self.spool))
        self.processor = stack.add("processor", "processor")
        self.query = stack.add("query", "query")
        await self.query.start()
        redis_disk = self.folder / "redis" / "redis"
        for ignore_sync in (False, True):
            await self._judge("Redis", ignore_sync, await self._lose(stack.targets["redis"], redis_disk, ignore_sync))
        for ignore_sync in (False, True):
            stack.proxies["redis-proxy"].disturb(Disturbance("reset"))
            probes = await self._lose(self.edge, self.spool, ignore_sync)
            stack.proxies["redis-proxy"].calm()
            await self._judge("spool", ignore_sync, probes)

    async def _lose(self, victim, folder, ignore_sync):
        """Lets clients send while the victim loses its power; what was taken is applied later. Returns the clients."""
        if victim.process:
            await victim.stop()
        disk = Disk(folder, self.library, self.folder / f"{victim.name}.journal")
        victim.extra = disk.environment(ignore_sync)
        await victim.start()
        if victim is not self.edge:
            await self.edge.start()
        probes = [Probe(self.edge, interval=0) for _ in range(CLIENTS)]
        sending = [asyncio.create_task(probe.run()) for probe in probes]
        for _ in range(LOSSES):
            taken = sum(probe.taken for probe in probes)
            await asyncio.sleep(self.source.uniform(0.3, 1.5))
            await self._await_more(probes, taken, victim)
            victim.kill()
            disk.lose_power()
            await victim.start()
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        return probes

    async def _await_more(self, probes, taken, victim):
        deadline = asyncio.get_running_loop().time() + 30
        while sum(probe.taken for probe in probes) == taken:
            if asyncio.get_running_loop().time() > deadline:
                raise Failure("the edge takes nothing any more", self.edge.log)
            await asyncio.sleep(0.01)

    async def _judge(self, what, ignore_sync, probes):
        """What was taken must be there, if and only if the syncs were."""
        # The edge spools also while Redis starts again.
        await verdict.await_empty(self.spool)
        await self.processor.start()
        await verdict.await_ready([self.processor, self.query])
        status, output = await run([self.stack.playhead, "status", "--await-settled", str(SETTLE_SECONDS)], self.stack.direct, 90)
        if status:
            raise Failure(f"playhead status: {output}", self.processor.log)
        lost = [text for probe in probes if (text := await probe.lost(self.query))]
        taken = sum(probe.taken for probe in probes)
        syncs = "syncs taken out" if ignore_sync else "syncs as they are"
        report.row(what, f"{LOSSES} power losses, {syncs}: {taken} events taken, {len(lost)} of {CLIENTS} sessions lost some")
        if lost and not ignore_sync:
            self.failures.append(Failure(f"{what}: {'; '.join(lost[:3])}"))
        if ignore_sync and not lost:
            self.failures.append(Failure(f"{what}: nothing was lost without syncs: this test sees nothing"))
        await self.processor.stop()
        await self.edge.stop()

    async def _expect_settings(self):
        redis, postgres = (self.stack.targets[name].url for name in ("redis", "postgres"))
        for name, wanted in DURABLE.items():
            if name.startswith("append"):
                _, output = await run(["redis-cli", "-u", redis, "CONFIG", "GET", name], self.stack.direct, 10)
            else:
                _, output = await run(["psql", postgres, "-XAtc", f"SHOW {name}"], self.stack.direct, 10)
            if output.split()[-1:] != [wanted]:
                raise Failure(f"{name} must be {wanted}: {output}")
