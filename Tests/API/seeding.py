"""A little history to read, reported through the edge."""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from service import DEADLINE, EVENTS, MEMBER, send


@dataclass(frozen=True)
class Viewing:
    """One playback. Ids are new each time: what was hidden before says nothing about them."""

    member: str
    title: str
    session: str

    @classmethod
    def fresh(cls, member):
        return cls(member, f"Title, one of \"many\": {uuid.uuid4()}", f"s/{uuid.uuid4()}")

    def events(self):
        began = datetime.now(timezone.utc) - timedelta(minutes=30)
        return [
            {
                "memberId": self.member,
                "sessionId": self.session,
                "seq": seq,
                "kind": kind,
                "titleId": self.title,
                "positionMs": minute * 60_000,
                "runtimeMs": 5_400_000,
                "occurredAt": (began + timedelta(minutes=minute)).isoformat(timespec="milliseconds"),
                "deviceId": "tv-1",
                "deviceType": "tv",
            }
            for seq, (kind, minute) in enumerate([("start", 0), ("progress", 10), ("pause", 20)])
        ]


@dataclass(frozen=True)
class Seeds:
    read: Viewing
    # Of another member, for what takes things out.
    doomed: Viewing
    cursor: str


def seed():
    """Returns once all of it can be read."""
    viewings = [Viewing.fresh(MEMBER), Viewing.fresh(MEMBER), Viewing.fresh(f"{MEMBER}-{uuid.uuid4()}")]
    answer = send("POST", EVENTS, json=[event for viewing in viewings for event in viewing.events()])
    assert answer.status_code == 202 and not answer.json()["rejected"], answer.text
    for viewing in viewings:
        await_readable(viewing)
    page = send("GET", f"/v1/members/{MEMBER}/history?limit=1")
    return Seeds(viewings[0], viewings[2], page.json()["nextCursor"])


def await_readable(viewing, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        # A space is %20 here: a plus is a plus.
        answer = send("GET", f"/v1/members/{viewing.member}/history?titleId={quote(viewing.title, safe='')}")
        if answer.ok and answer.json()["items"]:
            return
        assert time.monotonic() < deadline, f"not readable after {seconds} s: {answer.status_code} {answer.text}"
        time.sleep(0.05)
