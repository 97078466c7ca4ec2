#!/usr/bin/env python3
"""Lets wrk read from a server for a while, over 32 connections: how many requests it answers, how fast, with how much CPU.

With --rate h2load asks at that rate instead, and the time of every answer is counted. Prints one JSON object.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cpu

SCRIPT = pathlib.Path(__file__).parent / "reads" / "get.lua"
CONNECTIONS = 32
WARM_UP_SECONDS = 1
# Different requests of h2load, asked for in turn.
PATHS = 5000


def wrk(options, seconds):
    """Runs wrk to its end; what its script reports."""
    command = [
        "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "-s", str(SCRIPT), options.url, "--", options.kind,
        str(options.members), str(options.sessions),
    ]
    done = subprocess.run(command, timeout=seconds + 30, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines or not lines[-1].startswith("{"):
        sys.exit(f"reads: wrk failed:\n{done.stdout}")
    report = json.loads(lines[-1])
    if not report["requests"] or report["refused"] or report["broken"] or report["timedOut"]:
        sys.exit(f"reads: not every request was answered with 200: {lines[-1]}")
    return report


def path(options, number):
    """As in get.lua."""
    member = number * 7919 % options.members + 1
    if options.kind == "history":
        return f"/v1/members/{member}/history?limit=20"
    session = number * 104729 % options.sessions + 1
    return f"/v1/members/{member}/titles/{(7919 * member + 31 * session) % 20000}/bookmark"


def h2load(options, seconds):
    """Asks at a fixed rate over as many connections; latencies of all requests."""
    with tempfile.TemporaryDirectory() as folder:
        uris, log = pathlib.Path(folder, "uris"), pathlib.Path(folder, "log")
        uris.write_text("".join(options.url + path(options, number) + "\n" for number in range(PATHS)))
        command = [
            "h2load", "--h1", "-t", "1", "-c", str(CONNECTIONS), "--rps", f"{options.rate / CONNECTIONS:.3f}",
            "--duration", str(seconds), "--log-file", str(log), "-i", str(uris),
        ]
        done = subprocess.run(command, timeout=seconds + 30, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        # Each line: when it was sent, the status, microseconds.
        lines = [line.split("\t") for line in log.read_text().splitlines()] if done.returncode == 0 else []
    wrong = [line for line in lines if line[1] != "200"]
    if not lines or wrong:
        sys.exit(f"reads: h2load failed, {len(wrong)} of {len(lines)} answers were not 200:\n{done.stdout}")
    times = sorted(int(line[2]) / 1000 for line in lines)
    return {
        "requests": len(times), "seconds": seconds, "p50Ms": times[len(times) // 2], "p99Ms": times[len(times) * 99 // 100], "maxMs": times[-1],
    }


def children_seconds():
    times = os.times()
    return times.children_user + times.children_system


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--kind", required=True, help="history, bookmark, or a path")
    options.add_argument("--pid", type=int, required=True)
    options.add_argument("--postmaster", type=int)
    options.add_argument("--members", type=int, required=True)
    options.add_argument("--sessions", type=int, required=True, help="of each member")
    options.add_argument("--seconds", type=int, required=True)
    options.add_argument("--rate", type=float, help="requests a second")
    options = options.parse_args()

    run = h2load if options.rate else wrk
    if not options.rate:
        wrk(options, WARM_UP_SECONDS)
    meter = cpu.Meter({"server": options.pid}, options.postmaster)
    before = children_seconds()
    meter.start()
    report = run(options, options.seconds)
    used = meter.stop(report["seconds"], report["requests"])
    used["cpuMicrosecondsPerEvent"]["client"] = round((children_seconds() - before) * 1e6 / report["requests"], 2)
    print(json.dumps({
        "connections": CONNECTIONS, **report, "perSecond": round(report["requests"] / report["seconds"]),
        "residentMiB": round(cpu.memory(options.pid)["VmRSS"] / 2**20, 1), **used,
    }))


main()
