#!/usr/bin/env python3
"""Makes a table and a JSON file of the measurements that Benchmarks/run took: medians over its runs."""

import argparse
import json
import os
import platform
import statistics
import time

# A drain beside its floor: what is measured, of which floor, how large the ratio shall be.
DRAINS = [
    ("drain (a)  1 event a session", "drain_single", "insert floor  pgbench", "floor_insert", 0.8),
    ("drain (b) 10 events a session", "drain_turns", "update floor  pgbench", "floor_update", 3.0),
]
FRESHNESS_P99_MS = 10
# Above this, what others did on the machine shows in the figures.
QUIET_CORES = 0.2


class Runs:
    """The measurements by what they are, in the order of the runs."""

    def __init__(self, path):
        self.all = {}
        with open(path) as file:
            for line in file:
                measurement = json.loads(line)
                self.all.setdefault(measurement["what"], []).append(measurement)

    def values(self, what, *path):
        found = []
        for value in self.all[what]:
            for name in path:
                value = value[name]
            found.append(value)
        return found

    def median(self, what, *path):
        return statistics.median(self.values(what, *path))

    def noise(self, *whats):
        """Cores that others had while these were measured, at most."""
        return max(m["coresUsedByOthers"] + m["coresStolen"] for what in whats for m in self.all[what])

    def cpu(self, what):
        """Median microseconds an event of each process."""
        return {
            name: statistics.median(self.values(what, "cpuMicrosecondsPerEvent", name))
            for name in self.all[what][0]["cpuMicrosecondsPerEvent"]
        }


def ratios(runs, drain, floor):
    """A run's drain over the same run's floor: neighbours in time, so that a slower hour meets both."""
    return [round(a / b, 3) for a, b in zip(runs.values(drain, "perSecond"), runs.values(floor, "perSecond"))]


def summary(runs):
    result = {"targets": []}
    for name, drain, _, floor, least in DRAINS:
        for what in (floor, drain):
            result[what] = {"perSecond": runs.median(what, "perSecond"), "cpuMicrosecondsPerEvent": runs.cpu(what)}
        ratio = statistics.median(ratios(runs, drain, floor))
        result[drain]["ratioToFloor"] = ratio
        result["targets"].append({
            "name": f"{name}: ratio to its floor", "least": least, "found": ratio, "met": ratio >= least,
            "coresUsedByOthers": runs.noise(drain, floor),
        })
    result["freshness"] = {
        part: {point: runs.median("freshness", part, point) for point in ("p50Ms", "p99Ms", "maxMs")}
        for part in ("visible", "accepted", "onePoll", "sentLate")
    } | {"perSecond": runs.median("freshness", "perSecond"), "cpuMicrosecondsPerEvent": runs.cpu("freshness")}
    p99 = result["freshness"]["visible"]["p99Ms"]
    result["targets"].append({
        "name": "freshness: p99 in ms", "below": FRESHNESS_P99_MS, "found": p99, "met": p99 < FRESHNESS_P99_MS,
        "coresUsedByOthers": runs.noise("freshness"),
    })
    result["fdatasync"] = {point: runs.median("fdatasync", point) for point in ("p50Ms", "p99Ms")}
    return result


def machine():
    model = "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "system": platform.platform()}


def verdict(target):
    """A disturbed measurement proves nothing either way: a floor that was held up makes its drain look fast."""
    wanted = f"≥ {target['least']}" if "least" in target else f"< {target['below']}"
    met = "met" if target["met"] else "MISSED"
    return f"{wanted:>6} {met}{' ?' if target['coresUsedByOthers'] > QUIET_CORES else ''}"


def drain_lines(runs, medians):
    yield f"{'':32}{'a second':>10}  {'least … greatest':>19}{'ratio':>8}  {'target':<14}{'CPU µs an event: processor':>28}{'Redis':>8}{'PostgreSQL':>12}"
    for (name, drain, floor_name, floor, _), target in zip(DRAINS, medians["targets"]):
        for label, what, more in ((floor_name, floor, ""), (name, drain, f"{target['found']:>8.2f}  {verdict(target):<14}")):
            rates = runs.values(what, "perSecond")
            spent = medians[what]["cpuMicrosecondsPerEvent"]
            cells = [f"{spent[part]:.1f}" if part in spent else "" for part in ("processor", "redis", "postgres")]
            extent = f"{min(rates):,} … {max(rates):,}"
            yield f"{label:<32}{medians[what]['perSecond']:>10,.0f}  {extent:>19}{more:<24}{cells[0]:>28}{cells[1]:>8}{cells[2]:>12}"


def freshness_lines(runs, medians):
    freshness = medians["freshness"]
    yield f"{'':32}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}"
    samples = sum(runs.values("freshness", "visible", "count"))
    for part, name in (
        ("visible", "POST sent → in GET history"), ("accepted", "  of it: POST sent → 202"), ("onePoll", "  one GET, nothing to wait for"),
        ("sentLate", "  sent later than scheduled"),
    ):
        found = freshness[part]
        more = f"   {verdict(medians['targets'][-1])}   {samples} samples" if part == "visible" else ""
        yield f"{name:<32}{found['p50Ms']:>10.2f}{found['p99Ms']:>10.2f}{found['maxMs']:>10.2f}{more}"
    spent = ", ".join(f"{name} {value:.0f}" for name, value in freshness["cpuMicrosecondsPerEvent"].items())
    yield f"  CPU µs an event: {spent}"


def noise_line(runs):
    cores = runs.noise(*(what for what in runs.all if "coresUsedByOthers" in runs.all[what][0]))
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
    medians = summary(runs)
    about = machine() | {"redis": options.redis, "postgres": options.postgres}
    count = len(runs.all["drain_single"])
    with open(options.json, "w") as file:
        json.dump({
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": about,
            "settings": {name: value for name, value in os.environ.items() if name.startswith("PLAYHEAD_") and not name.endswith("_URL")},
            "medians": medians, "ratios": {drain: ratios(runs, drain, floor) for _, drain, _, floor, _ in DRAINS}, "runs": runs.all,
        }, file, indent=2, ensure_ascii=False)
        file.write("\n")

    print(f"{about['cores']} cores of {about['cpu']}; Redis {about['redis']}, PostgreSQL {about['postgres']}")
    print(f"Backlogs of {runs.all['drain_single'][0]['events']:,} events; medians of {count} run{'s' if count > 1 else ''}.\n")
    for line in drain_lines(runs, medians):
        print(line.rstrip())
    print(f"\nFreshness at {medians['freshness']['perSecond']:,.0f} events a second")
    for line in freshness_lines(runs, medians):
        print(line.rstrip())
    print(f"\nThe disk: fdatasync of 4 KiB takes {medians['fdatasync']['p50Ms']:.2f} ms in the median, p99 {medians['fdatasync']['p99Ms']:.2f} ms.")
    print(noise_line(runs))


main()
