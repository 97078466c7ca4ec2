#!/usr/bin/env python3
"""Makes a table and a JSON file of the measurements that Benchmarks/run took: medians over its runs."""

import argparse
import json
import os
import platform
import time

import report_accept
import report_compaction
import report_drain
import report_reads
from runs import QUIET_CORES, Runs

# A part is reported if this was measured.
PARTS = {"drain_single": report_drain, "accept_edge": report_accept, "read_history": report_reads, "compaction": report_compaction}


def machine():
    model = "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "system": platform.platform()}


def noise_line(runs):
    cores = runs.noise_of_all()
    if cores <= QUIET_CORES:
        return f"The machine was quiet: others took at most {cores:.2f} cores."
    return f"The machine was NOT quiet: others took up to {cores:.2f} cores. Results with a ? do not count; measure again."


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--measurements", required=True)
    options.add_argument("--json", required=True)
    options.add_argument("--redis", required=True, help="version")
    options.add_argument("--postgres", required=True, help="version")
    options = options.parse_args()

    runs = Runs(options.measurements)
    about = machine() | {"redis": options.redis, "postgres": options.postgres}
    parts = [part for measured, part in PARTS.items() if measured in runs.all]
    medians, ratios = {"targets": []}, {}
    tables = []
    for part in parts:
        found = part.summary(runs)
        tables.append(list(part.lines(runs, found)))
        medians |= found | {"targets": medians["targets"] + found["targets"]}
        ratios |= part.ratios(runs)
    medians["fdatasync"] = runs.medians("fdatasync", "p50Ms", "p99Ms")
    with open(options.json, "w") as file:
        json.dump({
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": about,
            "settings": {name: value for name, value in os.environ.items() if name.startswith("PLAYHEAD_") and not name.endswith("_URL")},
            "medians": medians, "ratios": ratios, "runs": runs.all,
        }, file, indent=2, ensure_ascii=False)
        file.write("\n")

    count = len(runs.all["fdatasync"])
    print(f"{about['cores']} cores of {about['cpu']}; Redis {about['redis']}, PostgreSQL {about['postgres']}")
    print(f"Medians of {count} run{'s' if count > 1 else ''}.")
    for table in tables:
        print()
        for line in table:
            print(line.rstrip())
    print(f"\nThe disk: fdatasync of 4 KiB takes {medians['fdatasync']['p50Ms']:.2f} ms in the median, p99 {medians['fdatasync']['p99Ms']:.2f} ms.")
    print(noise_line(runs))


main()
