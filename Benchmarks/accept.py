#!/usr/bin/env python3
"""Lets wrk send events to a server for a while: how many it takes, how fast, with how much CPU. Prints one JSON object.

With --redis the server is the edge: whatever was answered with 202 must then be in the streams, which are empty before and after.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import cpu
import streams

SCRIPT = pathlib.Path(__file__).with_name("events.lua")
WARM_UP_SECONDS = 1
# Time for what wrk left open at its end.
STRAGGLER_SECONDS = 0.2


def wrk(options, seconds):
    """Runs wrk to its end; what its script reports."""
    command = [
        "wrk", "-t", "1", "-c", str(options.connections), "-d", f"{seconds}s", "-s", str(SCRIPT),
        f"{options.url}/v1/events", "--", str(options.events),
    ]
    done = subprocess.run(command, timeout=seconds + 30, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines or not lines[-1].startswith("{"):
        sys.exit(f"accept: wrk failed:\n{done.stdout}")
    report = json.loads(lines[-1])
    if not report["requests"] or report["refused"] or report["broken"] or report["timedOut"]:
        sys.exit(f"accept: not every request was answered with 202: {lines[-1]}")
    return report


def check(found, accepted, options):
    """Nothing accepted may be missing. What wrk left open at its end may be there without having been counted."""
    most = accepted + options.connections * options.events
    if not accepted <= found <= most:
        sys.exit(f"accept: WRONG RESULT: {accepted} events were accepted, {found} are in the streams, at most {most} may be")


def forget_peak(pid):
    """Sets VmHWM to what is resident now."""
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")


def children_seconds():
    times = os.times()
    return times.children_user + times.children_system


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--pid", type=int, required=True)
    options.add_argument("--redis")
    options.add_argument("--redis-pid", type=int)
    options.add_argument("--connections", type=int, required=True)
    options.add_argument("--events", type=int, required=True, help="of a request")
    options.add_argument("--seconds", type=int, required=True)
    options = options.parse_args()

    processes = {"server": options.pid}
    wrk(options, WARM_UP_SECONDS)
    time.sleep(STRAGGLER_SECONDS)
    if options.redis:
        processes["redis"] = options.redis_pid
        written = streams.Streams(options.redis)
        written.empty()
    forget_peak(options.pid)
    meter = cpu.Meter(processes, None)
    before = children_seconds()
    meter.start()
    report = wrk(options, options.seconds)
    events = report["requests"] * options.events
    used = meter.stop(report["seconds"], events)
    used["cpuMicrosecondsPerEvent"]["wrk"] = round((children_seconds() - before) * 1e6 / events, 2)
    peak = cpu.memory(options.pid)["VmHWM"]
    time.sleep(STRAGGLER_SECONDS)
    if options.redis:
        report["entries"], report["eventsInStreams"] = written.count()
        check(report["eventsInStreams"], events, options)
        written.empty()
    print(json.dumps({
        "connections": options.connections, "eventsPerRequest": options.events, "events": events, **report,
        "requestsPerSecond": round(report["requests"] / report["seconds"]), "perSecond": round(events / report["seconds"]),
        "peakMiB": round(peak / 2**20, 1), **used,
    }))


main()
