"""Which fault happens when, to whom, for how long: drawn from a seed before anything starts."""

import math
import random
from dataclasses import dataclass

# How often each kind of fault happens at least.
LEAST = 3
# Between the beginnings of two faults, in seconds. Several last at a time.
GAPS = 0.2, 1.0
# How long after a fault its target is spared, so that it lives for a while.
RECOVERY_SECONDS = 1.5


@dataclass(frozen=True)
class Kind:
    """`action` on one of `targets`, for a time between `shortest` and `longest` seconds."""

    action: str
    group: str
    targets: tuple
    shortest: float
    longest: float
    weight: int = 2

    def __str__(self):
        return f"{self.action} {self.group}"


@dataclass(frozen=True)
class Fault:
    at: float
    kind: Kind
    target: str
    seconds: float
    # From 0 to 1: how strong, or which of several, as the action wants it.
    draw: float

    def __str__(self):
        return f"{self.at:6.2f} s: {self.kind.action} {self.target}, {self.seconds:.2f} s, draw {self.draw:.3f}"


EDGES = "edge-1", "edge-2"
PROCESSORS = "processor-1", "processor-2", "processor-3"
COMPACTORS = "compactor-1", "compactor-2"
QUERIES = ("query",)


def kinds():
    """Every kind of fault. A proxy is a target of its own: its faults overlap those of its server."""
    services = (("edge", EDGES), ("processor", PROCESSORS), ("compactor", COMPACTORS), ("query", QUERIES))
    servers = (("redis", ("redis",)), ("postgres", ("postgres",)))
    found = [Kind("kill", name, targets, 0.1, 2, 3) for name, targets in services + servers]
    found += [Kind("stop", name, targets, 0.1, 2) for name, targets in services]
    found += [Kind("freeze", name, targets, 0.2, 8) for name, targets in services[:3] + servers]
    for server, _ in servers:
        proxy = f"{server}-proxy"
        found += [Kind(action, proxy, (proxy,), 0.2, 5) for action in ("delay", "reset", "black-hole", "cut")]
    return [*found, Kind("fill", "spool", ("spool",), 1, 4, 3)]


def plan(seed, seconds):
    """The faults of a run in the order of their beginnings, all over before `seconds`."""
    calendar = Calendar(random.Random(seed), seconds)
    known = kinds()
    # First those with one target for many kinds of fault: they find room last.
    crowded = sorted(known, key=lambda kind: (len(kind.targets), -kind.longest))
    for kind in crowded * LEAST:
        if not calendar.place(kind):
            raise ValueError(f"{seconds} s are too few for {LEAST} of every kind of fault")
    weights = [kind.weight for kind in known]
    for kind in calendar.source.choices(known, weights, k=len(calendar.free)):
        calendar.place(kind)
    return sorted(calendar.faults, key=lambda fault: fault.at)


class Calendar:
    """Beginnings that are still free, and when each target is under a fault."""

    def __init__(self, source, seconds):
        self.source = source
        self.seconds = seconds
        self.faults = []
        self.busy = {}
        self.free = []
        at = 0
        while (at := at + source.uniform(*GAPS)) < seconds:
            self.free.append(at)

    def place(self, kind):
        """Finds a time and a target; a shorter fault where a longer one finds no room."""
        # Short ones are more frequent, as in life: every order of magnitude is as likely.
        seconds = math.exp(self.source.uniform(math.log(kind.shortest), math.log(kind.longest)))
        while True:
            for at in self.source.sample(self.free, len(self.free)):
                idle = [target for target in kind.targets if self._is_idle(target, at, seconds)]
                if idle:
                    self._take(Fault(at, kind, self.source.choice(idle), seconds, self.source.random()))
                    return True
            if seconds == kind.shortest:
                return False
            seconds = max(seconds / 2, kind.shortest)

    def _is_idle(self, target, at, seconds):
        end = at + seconds + RECOVERY_SECONDS
        return at + seconds < self.seconds and all(
            end <= other.at or other.at + other.seconds + RECOVERY_SECONDS <= at for other in self.busy.get(target, [])
        )

    def _take(self, fault):
        self.free.remove(fault.at)
        self.busy.setdefault(fault.target, []).append(fault)
        self.faults.append(fault)
