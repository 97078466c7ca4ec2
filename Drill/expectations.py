"""What a drill must show. If it does not, either the pipeline has got worse or the drill no longer tests it."""

import viewers
import wording
from phases import NAMES, SLOW, STOPPED
from recording import ASYNCHRONOUS, Recording, Request
from summary import Summary, by_phase, due_within, summarise

ASYNC_P99_MS = 250
# The synchronous path's deadline: who asked so shortly before PostgreSQL came back may yet be answered well.
SYNC_SECONDS = 2
# One COMMIT of the slow phase.
SLOW_COMMIT_MS = 200
SYNC_STOPPED_ERRORS = 0.9
HALF_STOPPED_ERRORS = 0.25, 0.75


class Timing(str):
    """What a machine that stands still for a moment breaks as well."""


def broken_expectations(recording: Recording) -> list[str]:
    failures = []
    phases = by_phase(recording)
    for verdict in recording.verdicts:
        for what, events in (("lost", verdict.lost), ("invented", verdict.invented)):
            if events:
                failures.append(f"{verdict.share} %: {len(events)} events were {what}, {', '.join(events[:5])} among them")
        of_share = {name: phases[verdict.share, name] for name in NAMES}
        failures += [type(text)(f"{verdict.share} %: {text}") for text in _CHECKS[verdict.share](recording, of_share)]
    return failures


def _none(recording: Recording, phases: dict[str, Summary]):
    errors = _errors_without_postgres(recording, 0)
    if errors <= SYNC_STOPPED_ERRORS:
        yield f"{errors:.1%} errors without PostgreSQL: was it stopped?"
    slow = phases[SLOW]
    if not slow.errors and (slow.accepted_p99 or 0) <= SLOW_COMMIT_MS:
        yield f"no errors and p99 {slow.accepted_p99:.0f} ms with slow commits: were they slow?"


def _half(recording: Recording, phases: dict[str, Summary]):
    low, high = HALF_STOPPED_ERRORS
    errors = _errors_without_postgres(recording, 50)
    if not low <= errors <= high:
        yield f"{errors:.1%} errors without PostgreSQL; half of the members should have them"
    requests = [(_member(recording, request), request) for request in recording.requests if request.share == 50]
    asynchronous = {member for member, request in requests if request.outcome in ASYNCHRONOUS}
    failed = [member for member, request in requests if member in asynchronous and not request.is_accepted]
    if failed:
        yield f"{len(failed)} requests of members on the asynchronous path failed, of {failed[0]} among them"


def _all(recording: Recording, phases: dict[str, Summary]):
    for name, summary in phases.items():
        if summary.accepted < summary.requests:
            yield f"{summary.requests - summary.accepted} of {summary.requests} requests failed ({name})"
    for name in (SLOW, STOPPED):
        if (p99 := phases[name].accepted_p99) is None or p99 >= ASYNC_P99_MS:
            yield Timing(f"p99 is {wording.time(p99)} and must be below {ASYNC_P99_MS} ms ({name})")


def _errors_without_postgres(recording: Recording, share: int) -> float:
    stopped, = (phase for phase in recording.phases if phase.name == STOPPED)
    return summarise(due_within(recording, share, stopped.begin, stopped.end - SYNC_SECONDS)).errors


def _member(recording: Recording, request: Request) -> str:
    return viewers.event(round(request.at * recording.rate)).member


_CHECKS = {0: _none, 50: _half, 100: _all}
