"""Reads every session that was sent, and compares it with what was acknowledged."""

import asyncio
import json
from urllib.parse import quote

from connections import Broken, Connections
from ledger import Ledger
from targets import Failure

READERS = 8
READ_SECONDS = 10
# A read has 2 s, and a busy machine may need more.
ATTEMPTS = 5


async def compare(port: int, ledger: Ledger) -> tuple[list[str], list[str]]:
    """The events that were lost, and those that nobody sent."""
    lost, invented = [], []
    connections = Connections(port)
    waiting = iter(sorted(ledger.sent_events))

    async def read():
        for member, session in waiting:
            runs = await _sequence_runs(connections, member, session)
            for found, events in zip((lost, invented), ledger.compare(member, session, runs)):
                found += (f"{member}/{session}/{seq}" for seq in sorted(events))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(READERS):
                group.create_task(read())
    finally:
        connections.close()
    return lost, invented


async def _sequence_runs(connections, member, session):
    path = f"/v1/members/{quote(member)}/sessions/{quote(session)}"
    for _ in range(ATTEMPTS):
        try:
            async with asyncio.timeout(READ_SECONDS):
                status, body = await connections.exchange("GET", path)
        except (OSError, TimeoutError, Broken) as error:
            status = repr(error)
        if status == 200:
            return json.loads(body)["sequenceRuns"]
        if status == 404:
            return []
        await asyncio.sleep(1)
    raise Failure(f"{path} cannot be read: {status}")
