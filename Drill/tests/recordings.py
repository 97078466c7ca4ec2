"""Drills that never happened."""

import phases
from recording import Recording, Request, Verdict

RATE = 100


def good() -> Recording:
    """What a drill should look like. Members of even number are asynchronous where half of them are."""
    recording = Recording(RATE, phases.timeline([4, 8, 8, 8]), cores=2)
    for share in phases.SHARES:
        for number in range(RATE * 28):
            is_asynchronous = share == 100 or share == 50 and number % 2 == 0
            at = number / RATE
            name = next(phase.name for phase in recording.phases if phase.begin <= at < phase.end)
            if is_asynchronous:
                recording.requests.append(Request(share, at, 3, "stream"))
            elif name == phases.STOPPED or name == phases.SLOW and number % 3:
                recording.requests.append(Request(share, at, 2000, "503"))
            else:
                recording.requests.append(Request(share, at, 1900 if name == phases.SLOW else 9, "database"))
        recording.verdicts.append(Verdict(share, 2000, 1000, 0.5, 4, [], []))
    return recording


def change(recording: Recording, share: int, name: str, ms: float, outcome: str, every: int = 1):
    """Every so-manieth request of a phase comes to something else."""
    phase, = (phase for phase in recording.phases if phase.name == name)
    for index, request in enumerate(recording.requests):
        if request.share == share and phase.begin <= request.at < phase.end and index % every == 0:
            recording.requests[index] = Request(share, request.at, ms, outcome)
