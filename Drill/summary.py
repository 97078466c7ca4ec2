"""Requests as numbers."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

from recording import BROKEN, GAVE_UP, REFUSED, Recording, Request


def percentile(values: list[float], share: float) -> float | None:
    """By the nearest rank: a value that occurred. None of nothing."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)] if values else None


@dataclass(frozen=True)
class Summary:
    """Of some requests. Times in ms: `answered` whatever the status, `accepted` with 200 or 202."""

    requests: int
    accepted: int
    refused: int
    gave_up: int
    broken: int
    answered_p50: float | None
    answered_p99: float | None
    answered_max: float | None
    accepted_p50: float | None
    accepted_p99: float | None

    @property
    def errors(self) -> float:
        """The share that was not accepted."""
        return 1 - self.accepted / self.requests if self.requests else 0.0


def summarise(requests: list[Request]) -> Summary:
    outcomes = Counter(request.outcome for request in requests)
    answered = [request.ms for request in requests if request.is_answered]
    accepted = [request.ms for request in requests if request.is_accepted]
    return Summary(
        len(requests), len(accepted), outcomes[REFUSED], outcomes[GAVE_UP], outcomes[BROKEN],
        percentile(answered, 0.5), percentile(answered, 0.99), max(answered, default=None),
        percentile(accepted, 0.5), percentile(accepted, 0.99),
    )


def by_phase(recording: Recording) -> dict[tuple[int, str], Summary]:
    """By share and name of the phase."""
    return {
        (verdict.share, phase.name): summarise(due_within(recording, verdict.share, phase.begin, phase.end))
        for verdict in recording.verdicts for phase in recording.phases
    }


def due_within(recording: Recording, share: int, begin: float, end: float) -> list[Request]:
    return [request for request in recording.requests if request.share == share and begin <= request.at < end]


def by_second(recording: Recording, share: int) -> list[Summary]:
    """One for each second since the first request."""
    seconds = defaultdict(list)
    for request in recording.requests:
        if request.share == share:
            seconds[int(request.at)].append(request)
    return [summarise(seconds[second]) for second in range(math.ceil(recording.phases[-1].end))]
