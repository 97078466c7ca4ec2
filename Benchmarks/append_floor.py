#!/usr/bin/env python3
"""Runs redis-benchmark: how fast this Redis takes entries as the edge writes them. Prints one JSON object.

The entry is the edge's own: one request is sent, and what it has written is read back. redis-benchmark then adds it again
and again to as many streams as there are partitions, over as many connections as the edge has for that.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from urllib.parse import urlsplit

import cpu
import streams
import workload

EDGE_CONNECTIONS = 2
PARTITIONS = 16
KEYS = b"bench:{*}"
# Unmeasured; from their rate follows how many entries a measurement needs.
FIRST_ENTRIES = 2000
# Of payload: Redis keeps it in memory until the end.
MOST_BYTES = 256 << 20


def entry_of(edge, written, count):
    """What the edge writes for one request of so many events of a session."""
    session = workload.Session(random.Random(count), "m-000001", workload.now_ms() - 3_600_000)
    body = "[" + ",".join(session.event(seq) for seq in range(count)) + "]"
    address = workload.address_of(edge)
    status, answer = workload.Connection(address, timeout=10).exchange(workload.post(address, "application/json", body.encode()))
    if status != 202:
        sys.exit(f"append floor: the edge answered {status}: {answer[:500]!r}")
    payload = written.payload_of(count)
    if not payload:
        sys.exit(f"append floor: no entry of {count} events in the streams")
    return payload


def add(redis, written, payload, options, entries):
    """Entries a second of one run of redis-benchmark, and p50 and p99 in ms of one command."""
    address = urlsplit(redis)
    # -x: the last argument comes from standard input, as the payload may hold any byte. -r draws the number of the stream.
    command = [
        "redis-benchmark", "-h", address.hostname, "-p", str(address.port), "-c", str(EDGE_CONNECTIONS), "-P", str(options.pipeline),
        "-n", str(entries), "-r", str(PARTITIONS), "--csv", "-x",
        "XADD", "bench:{__rand_int__}", "*", "n", str(options.events), "b",
    ]
    done = subprocess.run(command, input=payload, timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    # "the whole command", then: entries a second, latency avg, min, p50, p95, p99, max
    found = re.search(rb'"([0-9.]+)","[0-9.]+","[0-9.]+","([0-9.]+)","[0-9.]+","([0-9.]+)","[0-9.]+"\s*$', done.stdout)
    kept = sum(written.redis.send(*([b"XLEN", key] for key in written.keys(KEYS))))
    if done.returncode != 0 or not found or kept < entries:
        sys.exit(f"append floor: redis-benchmark added {kept} of {entries} entries: {done.stdout[-500:]!r}")
    return tuple(map(float, found.groups()))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edge", required=True)
    options.add_argument("--redis", required=True)
    options.add_argument("--redis-pid", type=int, required=True)
    options.add_argument("--events", type=int, required=True, help="of an entry")
    options.add_argument("--pipeline", type=int, required=True, help="entries a write")
    options.add_argument("--seconds", type=int, required=True, help="about so many")
    options = options.parse_args()

    written = streams.Streams(options.redis)
    payload = entry_of(options.edge, written, options.events)
    written.empty()
    first, _, _ = add(options.redis, written, payload, options, FIRST_ENTRIES)
    written.drop(KEYS)
    entries = min(int(first * options.seconds), MOST_BYTES // len(payload))

    meter = cpu.Meter({"redis": options.redis_pid}, None)
    meter.start()
    began = time.monotonic()
    rate, p50, p99 = add(options.redis, written, payload, options, entries)
    used = meter.stop(time.monotonic() - began, entries * options.events)
    written.drop(KEYS)
    print(json.dumps({
        "events": entries * options.events, "entries": entries, "entryBytes": len(payload), "pipeline": options.pipeline,
        "entriesPerSecond": round(rate), "perSecond": round(rate * options.events), "p50Ms": p50, "p99Ms": p99, **used,
    }))


main()
