"""Traffic at a constant rate, which no slow answer slows down: devices do not wait for each other either."""

import asyncio
import gc
import json
import time

import viewers
from connections import Broken, Connections
from ledger import Ledger
from recording import BROKEN, GAVE_UP, Request

GIVE_UP_SECONDS = 10


class Sender:
    """Each request is sent once: what fails is not repeated, so that every figure is that of a first attempt."""

    def __init__(self, port: int, share: int, ledger: Ledger, event=viewers.event):
        self.share = share
        # Which event the n-th request carries.
        self._event = event
        self.ledger = ledger
        self.requests: list[Request] = []
        # By how much requests left after they were due, at most. More than a little, and the figures are those of this program.
        self.late_ms = 0.0
        self._connections = Connections(port)

    async def send(self, began: float, rate: int, seconds: float):
        """Returns when every request was answered or given up."""
        loop = asyncio.get_running_loop()
        # A pause of the collector would look like one of the edge.
        gc.disable()
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(int(rate * seconds)):
                    due = number / rate
                    if (ahead := began + due - loop.time()) > 0:
                        await asyncio.sleep(ahead)
                    self.late_ms = max(self.late_ms, (loop.time() - began - due) * 1000)
                    group.create_task(self._request(self._event(number), due))
        finally:
            gc.enable()
            self._connections.close()

    async def _request(self, event, due):
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome = await self.post(event)
        self.requests.append(Request(self.share, due, (loop.time() - began) * 1000, outcome))

    async def post(self, event: viewers.Event) -> str:
        """The durability that was promised, or what happened in place of it."""
        self.ledger.sent(event)
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                status, answer = await self._connections.exchange("POST", "/v1/events", viewers.body(event, time.time_ns() // 1_000_000))
        except TimeoutError:
            return GAVE_UP
        except (OSError, Broken):
            return BROKEN
        if status not in (200, 202):
            return str(status)
        self.ledger.acknowledged(event)
        return json.loads(answer)["durability"]
