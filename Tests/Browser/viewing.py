"""Viewings as players report them: events sent to the edge."""

import json
import os
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

EDGE_URL = os.environ.get("EDGE_URL", "http://127.0.0.1:8080")


def ago(**span):
    """A time before now, as in `ago(hours=2)`."""
    return datetime.now(timezone.utc) - timedelta(**span)


def send(events, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{EDGE_URL}/v1/events", json.dumps(events).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = json.load(response)
    assert answer["accepted"] == len(events), answer


class Viewing:
    """One playback of one title at normal speed: at minute n the playhead is at minute n."""

    def __init__(self, member, title, started=None, runtime_minutes=90, device="tv", token=None):
        self.member = member
        self.title = title
        self.session = f"s-{uuid.uuid4()}"
        self.started = started or ago(hours=2)
        self.runtime_minutes = runtime_minutes
        self.device = device
        self.token = token
        self.sent = 0

    def event(self, kind, minute):
        event = {
            "memberId": self.member,
            "sessionId": self.session,
            "seq": self.sent,
            "kind": kind,
            "titleId": self.title,
            "positionMs": minute * 60_000,
            "runtimeMs": self.runtime_minutes * 60_000,
            "occurredAt": (self.started + timedelta(minutes=minute)).isoformat(timespec="milliseconds"),
            "deviceId": f"{self.device}-1",
            "deviceType": self.device,
        }
        self.sent += 1
        return event

    def report(self, kind, minute):
        send([self.event(kind, minute)], self.token)
        return self

    def watch(self, minutes):
        """From the start to minute n, in one request."""
        send([self.event("start", 0), self.event("progress", minutes)], self.token)
        return self
