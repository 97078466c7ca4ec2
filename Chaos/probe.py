"""One event at a time to one edge: how long does it take to answer, and is everything it took there at the end?"""

import asyncio
import json
import time
import uuid

import web

INTERVAL_SECONDS = 0.05
# Longer than any deadline of an edge: a request without an answer by then hangs.
PATIENCE_SECONDS = 15


class Probe:
    """Plays a session of its own. An event is sent until it is taken, so that none is missing at the end."""

    def __init__(self, edge, interval=INTERVAL_SECONDS):
        self.edge = edge
        self.interval = interval
        self.member = f"chaos-{uuid.uuid4()}"
        self.session = str(uuid.uuid4())
        self.taken = 0
        self.is_uncertain = False
        self.statuses = {}
        # Of answers that nothing we did to the edge itself delayed.
        self.slowest = 0.0
        self.unanswered = []
        self._disturbed = 0
        self._until = 0.0

    def disturbance_begins(self):
        self._disturbed += 1

    def disturbance_ends(self):
        self._disturbed -= 1
        self._until = time.monotonic()

    async def run(self):
        while True:
            await self._send()
            await asyncio.sleep(self.interval)

    async def _send(self):
        body = json.dumps({
            "memberId": self.member, "sessionId": self.session, "titleId": "probe", "seq": self.taken,
            "kind": "progress" if self.taken else "start", "positionMs": self.taken * 50, "occurredAt": time.time_ns() // 1_000_000,
        }).encode()
        began = time.monotonic()
        was_disturbed = self._disturbed > 0
        self.is_uncertain = True
        try:
            status, _ = await web.exchange(self.edge.http_port, "POST", "/v1/events", body, PATIENCE_SECONDS)
        except (OSError, TimeoutError, web.NoAnswer) as error:
            if not (was_disturbed or self._disturbed or self._until >= began):
                self.unanswered.append(f"{self.edge.name} after {time.monotonic() - began:.2f} s: {error!r}")
            return
        seconds = time.monotonic() - began
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if not (was_disturbed or self._disturbed or self._until >= began):
            self.slowest = max(self.slowest, seconds)
        if status == 202:
            self.taken += 1
            self.is_uncertain = False

    async def lost(self, query):
        """What is wrong with the session as members are shown it; None if nothing is."""
        status, body = await web.exchange(query.http_port, "GET", f"/v1/members/{self.member}/sessions/{self.session}")
        runs = json.loads(body).get("sequenceRuns") if status == 200 else f"answer {status}"
        if runs == [[0, self.taken - 1]] or (self.is_uncertain and runs == [[0, self.taken]]):
            return None
        return f"{self.edge.name} took events 0 to {self.taken - 1}, there are {runs}"
