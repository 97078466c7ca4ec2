"""Carries out what was planned, and takes it back."""

import asyncio
import math
import random
import re
import signal
import time
from collections import Counter

import processes
import web
from plan import EDGES
from proxy import Disturbance
from targets import Failure, Server

# A disturbance of a proxy that met no traffic is none, nor is a full disk that nobody wrote to: it is held until it struck, for so long at most.
STRIKE_SECONDS = 10


def between(source, low, high):
    """Every order of magnitude is as likely."""
    return math.exp(source.uniform(math.log(low), math.log(high)))


class Faults:
    """One fault at a time for each target; a fault of a target that is late in coming back waits for it."""

    def __init__(self, targets, proxies, disk, probes, log):
        self.targets = targets
        self.proxies = proxies
        self.disk = disk
        self.probes = probes
        self.log = log
        self.fired = Counter()
        self.struck = Counter()
        self.failures = []
        self._locks = {}

    async def run(self, plan):
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in plan:
                await asyncio.sleep(max(began + fault.at - time.monotonic(), 0))
                group.create_task(self._carry_out(fault, began))

    async def _carry_out(self, fault, began):
        async with self._locks.setdefault(fault.target, asyncio.Lock()):
            self._note(began, f"begins {fault}")
            probe = self.probes.get(fault.target)
            if probe:
                probe.disturbance_begins()
            try:
                did_strike = await getattr(self, "_" + fault.kind.action.replace("-", "_"))(fault, random.Random(fault.draw))
            except Failure as failure:
                self.failures.append(failure)
                did_strike = True
            finally:
                if probe:
                    probe.disturbance_ends()
            if did_strike is not False:
                self.fired[str(fault.kind)] += 1
                self.struck[fault.kind.action, fault.target] += 1
            self._note(began, f"ended  {fault}")

    def _note(self, began, text):
        print(f"{time.monotonic() - began:7.2f} {time.strftime('%H:%M:%S')} {text}", file=self.log, flush=True)

    async def _kill(self, fault, _):
        target = self.targets[fault.target]
        target.kill()
        await self._return(target, fault.seconds)

    async def _stop(self, fault, _):
        target = self.targets[fault.target]
        try:
            await target.stop()
        finally:
            await self._return(target, fault.seconds)

    async def _return(self, target, seconds):
        await asyncio.sleep(seconds)
        await target.start()
        if isinstance(target, Server):
            return
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if (await web.exchange(target.admin_port, "GET", "/livez"))[0] == 200:
                    return
            except (OSError, TimeoutError, web.NoAnswer):
                pass
            await asyncio.sleep(0.02)
        raise Failure(f"{target.name} was started again and does not live", target.log)

    async def _freeze(self, fault, _):
        parts = self.targets[fault.target].parts(fault.draw)
        processes.send(parts, signal.SIGSTOP)
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            processes.send(parts, signal.SIGCONT)

    async def _delay(self, fault, source):
        return await self._disturb(fault, source, Disturbance("delay", seconds=between(source, 0.005, 1)))

    async def _reset(self, fault, source):
        return await self._disturb(fault, source, Disturbance("reset"))

    async def _black_hole(self, fault, source):
        return await self._disturb(fault, source, Disturbance(source.choice(("stall", "hole"))))

    async def _cut(self, fault, source):
        return await self._disturb(fault, source, lambda: Disturbance("cut", bytes=int(between(source, 1, 5000))))

    async def _disturb(self, fault, source, disturbance):
        """Whether it met any traffic."""
        proxy = self.proxies[fault.target]
        before = proxy.strikes
        proxy.disturb(disturbance, share=source.choice((1.0, 1.0, 0.5)))
        try:
            await asyncio.sleep(fault.seconds)
            deadline = time.monotonic() + STRIKE_SECONDS
            while proxy.strikes == before and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
        finally:
            proxy.calm()
        return proxy.strikes > before

    async def _fill(self, fault, source):
        """Whether an edge had to refuse events for it: Redis is cut off meanwhile, as nobody needs the spool otherwise."""
        async with self._locks.setdefault("redis-proxy", asyncio.Lock()):
            proxy = self.proxies["redis-proxy"]
            before = await self._refused()
            self.disk.fill(spared=source.choice((0, 0, 4096, 65536)))
            proxy.disturb(Disturbance("hole"))
            try:
                await asyncio.sleep(fault.seconds)
                deadline = time.monotonic() + STRIKE_SECONDS
                while not (did_strike := _has_risen(before, await self._refused())) and time.monotonic() < deadline:
                    await asyncio.sleep(0.05)
            finally:
                proxy.calm()
                self.disk.empty()
            return did_strike

    async def _refused(self):
        """How many events each edge that answers could not make durable."""
        counts = {}
        for name in EDGES:
            try:
                _, body = await web.exchange(self.targets[name].admin_port, "GET", "/metrics", timeout=1)
            except (OSError, TimeoutError, web.NoAnswer):
                continue
            found = re.search(rb'^playhead_edge_events_total\{outcome="unavailable"\} (\d+)', body, re.M)
            counts[name] = int(found[1]) if found else 0
        return counts


def _has_risen(before, now):
    """An edge that was started meanwhile counts from 0."""
    return any(count > 0 and count != before.get(name, 0) for name, count in now.items())
