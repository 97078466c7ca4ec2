"""What happens to PostgreSQL, and when."""

import itertools
from dataclasses import dataclass

NORMAL, SLOW, STOPPED, RECOVERY = NAMES = ("normal", "slow", "stopped", "recovery")
# In percent of the members: how many are on the asynchronous path.
SHARES = (0, 50, 100)


@dataclass(frozen=True)
class Phase:
    """In seconds since the first request. A request is of the phase in which it was due."""

    name: str
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin


def timeline(seconds: list[float]) -> list[Phase]:
    """The phases one after the other, of as many seconds each."""
    ends = list(itertools.accumulate(seconds))
    return [Phase(name, end - length, end) for name, length, end in zip(NAMES, seconds, ends, strict=True)]
