#!/usr/bin/env python3
"""Runs one of the floors with pgbench, a client and a batch of rows a transaction. Prints one JSON object."""

import argparse
import json
import os
import re
import subprocess
import sys
import time

import cpu

BATCH = 1000


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pgbench", required=True)
    options.add_argument("--script", required=True)
    options.add_argument("--database", required=True)
    options.add_argument("--postmaster", type=int, required=True)
    options.add_argument("--rows", type=int, required=True)
    options.add_argument("--limit", type=float, default=300, help="seconds")
    options = options.parse_args()

    batches = -(-options.rows // BATCH)
    # The script counts batches up, so the first one is 0. -n: no VACUUM of pgbench's own tables, which are not there.
    command = [
        options.pgbench, "-n", "-c", "1", "-t", str(batches), "-M", "prepared", "-D", "batch=-1", "-f", options.script,
        options.database,
    ]
    meter = cpu.Meter({}, options.postmaster)
    meter.start()
    began = time.monotonic()
    done = subprocess.run(
        command, env={**os.environ, "LC_ALL": "C"}, timeout=options.limit, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    used = meter.stop(time.monotonic() - began, options.rows)
    rate = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not rate or f"actually processed: {batches}/{batches}" not in done.stdout:
        sys.exit(f"floor: pgbench failed:\n{done.stdout}")
    # pgbench's own figure leaves out the time to connect.
    seconds = batches / float(rate[1])
    print(json.dumps({"rows": options.rows, "seconds": round(seconds, 3), "perSecond": round(options.rows / seconds), **used}))


main()
