#!/usr/bin/env python3
"""Loads a backlog through the edge: SESSIONS sessions of TURNS events each, turn by turn.

Turn r holds event r of every session, in random order. The same seed gives the same keys in every run.
Prints what was sent as one JSON object.
"""

import argparse
import json
import queue
import random
import sys
import threading
import time

import workload

EVENTS_PER_REQUEST = 1000
ATTEMPTS = 20
# The sessions started in the week before, so that started_at, which the read index is on, is in no order either.
SPREAD_MS = 7 * 24 * 3600 * 1000


def bodies(sessions, turns, members):
    """NDJSON of up to EVENTS_PER_REQUEST events each, with their number."""
    source = random.Random(f"{sessions} sessions, {turns} turns")
    latest_ms = workload.now_ms() - turns * workload.STEP_MS
    playing = [
        workload.Session(source, f"m-{source.randrange(members):06d}", latest_ms - source.randrange(SPREAD_MS))
        for _ in range(sessions)
    ]
    lines = []
    for turn in range(turns):
        source.shuffle(playing)
        for session in playing:
            lines.append(session.event(turn, is_last=turn == turns - 1))
            if len(lines) == EVENTS_PER_REQUEST:
                yield len(lines), "\n".join(lines).encode()
                lines = []
    if lines:
        yield len(lines), "\n".join(lines).encode()


def send(connection, request, count):
    """Until the edge has taken all of it: sending again is harmless."""
    for _ in range(ATTEMPTS):
        status, answer = connection.exchange(request)
        if status == 202:
            accepted = json.loads(answer)["accepted"]
            if accepted != count:
                raise RuntimeError(f"the edge accepted {accepted} of {count} events")
            return
        if status != 503:
            raise RuntimeError(f"the edge answered {status}: {answer[:500]!r}")
        time.sleep(0.5)
    raise RuntimeError(f"the edge answered 503 {ATTEMPTS} times")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edge", required=True)
    options.add_argument("--sessions", type=int, required=True)
    options.add_argument("--turns", type=int, required=True)
    options.add_argument("--members", type=int, required=True)
    options.add_argument("--connections", type=int, default=4)
    options = options.parse_args()

    address = workload.address_of(options.edge)
    # Bounded: what is sent is made while the edge is busy with what was sent before.
    waiting = queue.Queue(maxsize=2 * options.connections)
    failures = []

    def work():
        try:
            connection = workload.Connection(address, timeout=30)
            while item := waiting.get():
                count, body = item
                send(connection, workload.post(address, "application/x-ndjson", body), count)
        except Exception as error:  # told by the main thread, which ends the program
            failures.append(error)
            while waiting.get():
                pass

    workers = [threading.Thread(target=work, daemon=True) for _ in range(options.connections)]
    began = time.monotonic()
    for worker in workers:
        worker.start()
    for item in bodies(options.sessions, options.turns, options.members):
        if failures:
            break
        waiting.put(item)
    for _ in workers:
        waiting.put(None)
    for worker in workers:
        worker.join()
    if failures:
        sys.exit(f"backlog: {failures[0]}")
    events = options.sessions * options.turns
    seconds = time.monotonic() - began
    print(json.dumps({"sessions": options.sessions, "events": events, "loadedPerSecond": round(events / seconds)}))


main()
