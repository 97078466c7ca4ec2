"""Which event the n-th request carries. A function of n, so that every share gets the same traffic."""

import json
from dataclasses import dataclass

MEMBERS = 2000
EVENTS_A_SESSION = 8
HEARTBEAT_MS = 10_000
RUNTIME_MS = 5_400_000


@dataclass(frozen=True)
class Event:
    member: str
    session: str
    seq: int


def event(number: int) -> Event:
    """Members take turns. The first session of most is shorter, so that sessions do not all begin at once."""
    turn, member = divmod(number, MEMBERS)
    session, seq = divmod(turn + member % EVENTS_A_SESSION, EVENTS_A_SESSION)
    return Event(f"viewer-{member:04}", f"evening-{session}", seq if session else turn)


def body(event: Event, occurred_at_ms: int) -> bytes:
    kind = "start" if event.seq == 0 else "stop" if event.seq == EVENTS_A_SESSION - 1 else "progress"
    return json.dumps({
        "memberId": event.member, "sessionId": event.session, "seq": event.seq, "kind": kind, "titleId": "80117401",
        "positionMs": event.seq * HEARTBEAT_MS, "runtimeMs": RUNTIME_MS, "occurredAt": occurred_at_ms,
    }).encode()
