#!/usr/bin/env python3
"""Starts one processor on a loaded backlog and measures until its group is settled, then stops it.

The clock runs from the processor's first "consuming" (connected, nothing read yet) until every entry of every stream
is delivered and acknowledged, which comes after COMMIT. Prints one JSON object.
"""

import argparse
import json
import pathlib
import signal
import subprocess
import sys
import time

import cpu
import resp

GROUP = b"history"
POLL_SECONDS = 0.02
START_SECONDS = 30


class Backlog:
    """The streams as they were loaded: nothing is added while they are drained."""

    def __init__(self, redis):
        self.redis = redis
        self.streams = sorted(redis.send([b"KEYS", b"playhead:{*}:events"])[0])
        states = [resp.fields(reply) for reply in redis.send(*([b"XINFO", b"STREAM", name] for name in self.streams))]
        self.last = [state[b"last-generated-id"] for state in states]
        self.entries = sum(state[b"length"] for state in states)

    def is_settled(self):
        replies = self.redis.send(*([b"XINFO", b"GROUPS", name] for name in self.streams))
        for groups, last in zip(replies, self.last):
            group = next((group for group in map(resp.fields, groups) if group[b"name"] == GROUP), None)
            if not group or group[b"pending"] or group[b"last-delivered-id"] != last:
                return False
        return True


def await_consuming(processor, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and processor.poll() is None:
        if b" consuming" in log.read_bytes():
            return
        time.sleep(0.001)
    sys.exit(f"drain: the processor did not begin to consume, see {log}")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--processor", required=True, help="the executable; the environment configures it")
    options.add_argument("--log", type=pathlib.Path, required=True)
    options.add_argument("--redis", required=True)
    options.add_argument("--redis-pid", type=int, required=True)
    options.add_argument("--postmaster", type=int, required=True)
    options.add_argument("--events", type=int, required=True)
    options.add_argument("--limit", type=float, default=300, help="seconds")
    options = options.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    backlog = Backlog(resp.Redis(options.redis))
    with open(options.log, "wb") as log:
        # It must not outlive this program, whatever ends it.
        processor = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", options.processor], stdout=log, stderr=log)
    try:
        await_consuming(processor, options.log)
        began = time.monotonic()
        meter = cpu.Meter({"processor": processor.pid, "redis": options.redis_pid}, options.postmaster)
        meter.start()
        while not backlog.is_settled():
            if processor.poll() is not None:
                sys.exit(f"drain: the processor ended, see {options.log}")
            if time.monotonic() - began > options.limit:
                sys.exit(f"drain: not settled after {options.limit} s, see {options.log}")
            time.sleep(POLL_SECONDS)
        seconds = time.monotonic() - began
        used = meter.stop(seconds, options.events)
    finally:
        processor.terminate()
        try:
            processor.wait(15)
        except subprocess.TimeoutExpired:
            processor.kill()
    print(json.dumps({
        "events": options.events, "seconds": round(seconds, 3), "perSecond": round(options.events / seconds),
        "entries": backlog.entries, **used,
    }))


main()
