#!/usr/bin/env python3
"""Opens many connections to a server, sends one event over each, and then holds them idle: what that costs it in memory.

Prints one JSON object.
"""

import argparse
import json
import random
import select
import sys
import time

import cpu
import workload

# So many requests are under way at once: below the server's backlog.
BATCH = 250
# What was allocated to take the connections may be given back before it is counted.
HOLD_SECONDS = 1


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--pid", type=int, required=True)
    options.add_argument("--connections", type=int, required=True)
    options = options.parse_args()

    address = workload.address_of(options.url)
    source = random.Random(options.connections)
    started_ms = workload.now_ms() - 3_600_000
    before = cpu.memory(options.pid)["VmRSS"]
    began = time.monotonic()
    held = []
    while len(held) < options.connections:
        batch = [workload.Connection(address, timeout=10) for _ in range(min(BATCH, options.connections - len(held)))]
        for connection in batch:
            event = workload.Session(source, f"m-{len(held):06d}", started_ms).event(0)
            connection.socket.sendall(workload.post(address, "application/json", event.encode()))
        for connection in batch:
            while not (answer := connection.receive()):
                pass
            if answer[0] != 202:
                sys.exit(f"idle: the server answered {answer[0]}: {answer[1][:500]!r}")
        held += batch
    opened = time.monotonic() - began
    time.sleep(HOLD_SECONDS)
    memory = cpu.memory(options.pid)
    # A connection with something to read is one that the server closed.
    poll = select.poll()
    for connection in held:
        poll.register(connection, select.POLLIN)
    closed = len(poll.poll(0))
    if closed:
        sys.exit(f"idle: the server closed {closed} of {len(held)} connections")
    print(json.dumps({
        "connections": len(held), "openedPerSecond": round(len(held) / opened), "beforeMiB": round(before / 2**20, 1),
        "heldMiB": round(memory["VmRSS"] / 2**20, 1), "peakMiB": round(memory["VmHWM"] / 2**20, 1),
        "kiBPerConnection": round((memory["VmRSS"] - before) / 1024 / len(held), 2),
    }))


main()
