"""A drill as lines of JSON, from which table and picture can be made again."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from phases import Phase

# Outcomes beside the durabilities of the API and the status of other answers.
GAVE_UP, BROKEN = "gave up", "no connection"
REFUSED = "503"
ASYNCHRONOUS = "stream", "spool"
ACCEPTED = "database", *ASYNCHRONOUS


@dataclass(frozen=True, slots=True)
class Request:
    """`at` is when it was due, in seconds since the first one; `ms` the time to its answer, or to giving up."""

    share: int
    at: float
    ms: float
    outcome: str

    @property
    def is_accepted(self) -> bool:
        return self.outcome in ACCEPTED

    @property
    def is_answered(self) -> bool:
        return self.outcome not in (GAVE_UP, BROKEN)


@dataclass
class Verdict:
    """What a share came to, at which attempt. `seconds_to_apply` is from the last request until all that was accepted was applied."""

    share: int
    acknowledged: int
    sessions: int
    seconds_to_apply: float
    late_ms: float
    lost: list[str]
    invented: list[str]
    attempts: int = 1


@dataclass
class Recording:
    rate: int
    phases: list[Phase]
    cores: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    requests: list[Request] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    def write(self, path: Path):
        with open(path, "w") as file:
            head = {"rate": self.rate, "cores": self.cores, "phases": [asdict(phase) for phase in self.phases]}
            lines = [("drill", head), *(("request", asdict(request)) for request in self.requests)]
            for kind, values in [*lines, *(("verdict", asdict(verdict)) for verdict in self.verdicts)]:
                print(json.dumps({"kind": kind} | values), file=file)

    @classmethod
    def read(cls, path: Path) -> "Recording":
        found = {"drill": [], "request": [], "verdict": []}
        for line in path.read_text().splitlines():
            values = json.loads(line)
            found[values.pop("kind")].append(values)
        head, = found["drill"]
        phases = [Phase(**phase) for phase in head["phases"]]
        requests = [Request(**values) for values in found["request"]]
        return cls(head["rate"], phases, head["cores"], requests, [Verdict(**values) for values in found["verdict"]])
