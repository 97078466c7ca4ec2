#!/usr/bin/env python3
"""Runs one statement with pgbench for a while, prepared, over 8 connections. Prints one JSON object."""

import argparse
import json
import os
import re
import subprocess
import sys

import cpu

CLIENTS = 8


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pgbench", required=True)
    options.add_argument("--script", required=True)
    options.add_argument("--database", required=True)
    options.add_argument("--postmaster", type=int, required=True)
    options.add_argument("--members", type=int, required=True)
    options.add_argument("--sessions", type=int, required=True)
    options.add_argument("--seconds", type=int, required=True)
    options = options.parse_args()

    # -n: no VACUUM of pgbench's own tables, which are not there. The plan is the one that the service has, too.
    command = [
        options.pgbench, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(options.seconds),
        "-D", f"members={options.members}", "-D", f"sessions={options.sessions}", "-f", options.script, options.database,
    ]
    environment = {**os.environ, "LC_ALL": "C", "PGOPTIONS": "-c plan_cache_mode=force_generic_plan -c enable_sort=off -c jit=off"}
    meter = cpu.Meter({}, options.postmaster)
    meter.start()
    done = subprocess.run(
        command, env=environment, timeout=options.seconds + 30, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    rate = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    count = re.search(r"^number of transactions actually processed: ([0-9]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not rate or not count or "number of failed transactions: 0" not in done.stdout:
        sys.exit(f"reads_floor: pgbench failed:\n{done.stdout}")
    used = meter.stop(options.seconds, int(count[1]))
    print(json.dumps({"requests": int(count[1]), "seconds": options.seconds, "perSecond": round(float(rate[1])), **used}))


main()
