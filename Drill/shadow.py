"""What members notice of a shadow whose Redis is stopped or frozen: nothing. Requests of shadowed members, by turns with it, without it and
with one that hangs."""

import argparse
import asyncio
import itertools
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.append(str(Path(__file__).resolve().parent.parent / "Chaos"))

import audit  # noqa: E402
import processes  # noqa: E402
import viewers  # noqa: E402
import web  # noqa: E402
from calling_off import call_off_on_signals, leaves  # noqa: E402
from ledger import Ledger  # noqa: E402
from pipeline import BoundService, Pipeline, free_ports  # noqa: E402
from sender import Sender  # noqa: E402
from summary import summarise  # noqa: E402
from targets import Failure, Server  # noqa: E402

WAYS = ("running", "stopped", "frozen")
# What a difference may be, at the 99th percentile: the greater of the two.
SHARE, MS = 0.25, 2.0
LEAST_ROUNDS = 5
RESTORE_SECONDS = 60


class ShadowedPipeline(Pipeline):
    """The same with a shadow: a second Redis, and a processor that makes the other history."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.copies = Server("copies", "--redis-only", "redis", folder / "copies", self.logs, SimpleNamespace())

    async def start(self):
        await self.copies.start()
        self.environment |= {"PLAYHEAD_SHADOW_REDIS_URL": self.copies.url}
        await super().start()
        await self.operate("migrate", "--shadow")
        ports = free_ports()
        environment = self.environment | {"PLAYHEAD_PROCESSOR_GROUP": "shadow"}
        shadow = BoundService("processor", self.bin / "playhead-processor", environment, next(ports), next(ports), self.logs)
        shadow.log = self.logs / "shadow.log"
        self.services.append(shadow)
        await shadow.start()
        await self.await_ready()

    async def put(self, way: str):
        """Brings the shadow's Redis into this state, from `running`."""
        if way == "stopped":
            await self.copies.stop()
        elif way == "frozen":
            self._signal_copies(signal.SIGSTOP)

    async def restore(self, way: str):
        """Returns when nothing of it is left to be done: the next round must not pay for it."""
        if way == "stopped":
            await self.copies.start()
        elif way == "frozen":
            self._signal_copies(signal.SIGCONT)
        await self.await_ready()
        deadline = time.monotonic() + RESTORE_SECONDS
        while (await self.metrics()).get("playhead_edge_shadow_untold_sessions", 0) > 0:
            if time.monotonic() > deadline:
                raise Failure("the edge does not come to telling what it did not copy", self.edge.log)
            await asyncio.sleep(0.2)

    async def metrics(self) -> dict[str, float]:
        """Those of the edge."""
        _, body = await web.exchange(self.edge.admin_port, "GET", "/metrics", timeout=5)
        lines = (line.rpartition(" ") for line in body.decode().splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    def _signal_copies(self, number):
        processes.send(processes.family(self.copies.process.pid, self.copies.programs), number)

    async def stop(self):
        failures = []
        try:
            await super().stop()
        except* Failure as group:
            failures.append(group)
        if self.copies.process and self.copies.process.poll() is None:
            await self.copies.stop()
        if failures:
            raise failures[0]


def events_of(number):
    """The same traffic in each round, of sessions of its own."""
    def event(index):
        event = viewers.event(index)
        return viewers.Event(event.member, f"round-{number}-{event.session}", event.seq)
    return event


async def measure(folder, rounds, rate, seconds):
    """The latencies at p50 and p99 in ms of each way, a value a round."""
    call_off_on_signals()
    pipeline, ledger = ShadowedPipeline(folder), Ledger()
    figures = {way: [] for way in WAYS}
    loop = asyncio.get_running_loop()
    try:
        await pipeline.start()
        await pipeline.operate("route", "set", "--async", "0", "--shadow", "100", "--by", "drill")
        for number in range(-1, rounds * len(WAYS)):
            # In another order each time, so that none always follows the same one.
            turn, place = divmod(number, len(WAYS))
            way = WAYS[(place + turn) % len(WAYS)] if number >= 0 else "running"
            before = await pipeline.metrics()
            await pipeline.put(way)
            sender = Sender(pipeline.edge.http_port, 0, ledger, events_of(number))
            # What it means that the Redis is gone is met in the first moments, too.
            await sender.send(loop.time(), rate, seconds)
            check_copies(way, before, await pipeline.metrics())
            await pipeline.restore(way)
            await await_copies(pipeline, sender, number)
            # The first is a warming up.
            if number < 0:
                continue
            found = summarise(sender.requests)
            if found.errors:
                raise Failure(f"{found.requests - found.accepted} of {found.requests} requests failed while the shadow's Redis was {way}")
            figures[way].append((found.accepted_p50, found.accepted_p99))
            print(f"  {way:8} p50 {found.accepted_p50:6.2f} ms  p99 {found.accepted_p99:6.2f} ms", file=sys.stderr, flush=True)
        lost, invented = await audit.compare(pipeline.query.http_port, ledger)
        if lost or invented:
            raise Failure(f"{len(lost)} events were lost and {len(invented)} invented")
    finally:
        await pipeline.stop()
    return figures


async def await_copies(pipeline, sender, number):
    """The edge waits a while between its attempts to reach a Redis that was away."""
    deadline = time.monotonic() + RESTORE_SECONDS
    for seq in itertools.count():
        before = await pipeline.metrics()
        await sender.post(viewers.Event("viewer-0000", f"probe-{number}", seq))
        await asyncio.sleep(0.2)
        after = await pipeline.metrics()
        if made("copied", before, after) and not made("not_copied", before, after):
            return
        if time.monotonic() > deadline:
            raise Failure("no copies are made any more", pipeline.edge.log)


def made(outcome, before, after):
    name = f'playhead_edge_shadow_events_total{{outcome="{outcome}"}}'
    return after.get(name, 0) - before.get(name, 0)


def check_copies(way, before, after):
    """A round says nothing where nothing was copied, or where the copies were made all the same."""
    copied, missing = made("copied", before, after), made("not_copied", before, after)
    if way == "running" and (missing or not copied):
        raise Failure(f"while the shadow's Redis was running {copied:g} events were copied and {missing:g} were not")
    if way != "running" and not missing:
        raise Failure(f"while the shadow's Redis was {way} every event was copied")


def report(figures) -> bool:
    """Prints the medians; whether none differs by too much."""
    medians = {way: [statistics.median(values) for values in zip(*figures[way])] for way in WAYS}
    good = True
    for way in WAYS:
        p50, p99 = medians[way]
        difference = p99 - medians["running"][1]
        allowed = max(MS, SHARE * medians["running"][1])
        good = good and difference <= allowed
        print(f"shadow's Redis {way:8} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms" + ("" if way == "running" else f"  ({difference:+.2f} ms, allowed {allowed:.2f})"))
    return good


def main():
    parser = argparse.ArgumentParser(prog="Drill/shadow", description="Whether requests of shadowed members notice the shadow's Redis.")
    parser.add_argument("--rounds", type=int, choices=range(1, 101), default=LEAST_ROUNDS, metavar="1..100")
    parser.add_argument("--rate", type=int, choices=range(1, 2001), default=200, metavar="1..2000", help="requests a second")
    parser.add_argument("--seconds", type=int, choices=range(1, 601), default=10, metavar="1..600", help="of one round")
    chosen = parser.parse_args()
    if not os.access(Path(os.environ.get("BIN_DIR", "")) / "playhead", os.X_OK):
        sys.exit("shadow: BIN_DIR names no folder with the executables; 'make build' builds them")
    # On a disk, not in memory, and where another user, as whom root runs PostgreSQL, may pass.
    folder = Path(tempfile.mkdtemp(prefix="playhead-shadow-", dir="/var/tmp"))
    folder.chmod(0o711)
    failures, was_called_off = [], False
    try:
        figures = asyncio.run(measure(folder, chosen.rounds, chosen.rate, chosen.seconds))
    except* Failure as group:
        failures = list(leaves(group))
    except* asyncio.CancelledError:
        was_called_off = True
    if failures:
        sys.exit("\n".join([*(f"shadow: {failure}" for failure in failures), f"logs and data are kept in {folder}"]))
    shutil.rmtree(folder)
    if was_called_off:
        sys.exit("shadow: called off")
    is_good = report(figures)
    if chosen.rounds < LEAST_ROUNDS:
        print(f"shadow: {chosen.rounds} rounds are too few to judge by; no request failed")
    else:
        print("shadow: ok" if is_good else "shadow: FAILED")
        sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
