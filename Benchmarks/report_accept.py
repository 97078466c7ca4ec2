"""What the report says of how fast the edge accepts, and what idle connections cost it."""

from runs import QUIET_CORES

# In the order of the table: its name there, and the floor that it is compared with.
RATES = [
    ("bare HTTP  32 connections", "accept_bare", None),
    ("edge       32 connections", "accept_edge", "accept_bare"),
    ("bare HTTP   1 connection", "accept_bare_alone", None),
    ("edge        1 connection", "accept_edge_alone", "accept_bare_alone"),
    ("XADD       50 events an entry", "append_batches", None),
    ("edge       arrays of 50", "accept_arrays", "append_batches"),
    ("XADD        1 event an entry", "append_singles", None),
]
LEAST_RATIO = 0.6
# Of edge and Redis together, for each event of an array: takes the place of the ratio.
ARRAY_CPU_MICROSECONDS = 10
IDLE_RATIO = 1.3


def summary(runs):
    result = {}
    for _, what, floor in RATES:
        result[what] = runs.medians(what, "perSecond", "p50Ms", "p99Ms") | {"cpuMicrosecondsPerEvent": runs.cpu(what)}
        for name in ("requestsPerSecond", "entriesPerSecond", "peakMiB"):
            if name in runs.all[what][0]:
                result[what][name] = runs.median(what, name)
        if floor:
            result[what]["ratioToFloor"] = runs.ratio(what, floor)
    result["accept_arrays"]["ratioToSingleEntries"] = runs.ratio("accept_arrays", "append_singles")
    for what in ("idle_bare", "idle_edge"):
        result[what] = runs.medians(what, "connections", "beforeMiB", "heldMiB", "kiBPerConnection")
    result["idle_edge"]["ratioToFloor"] = runs.ratio("idle_edge", "idle_bare", "heldMiB")
    result["targets"] = targets(runs, result)
    return result


def targets(runs, medians):
    single = medians["accept_edge"]["ratioToFloor"]
    arrays = medians["accept_arrays"]["ratioToFloor"]
    spent = medians["accept_arrays"]["cpuMicrosecondsPerEvent"]
    together = round(spent["server"] + spent["redis"], 2)
    idle = medians["idle_edge"]["ratioToFloor"]
    return [
        {
            "what": "accept_edge", "name": "single events: ratio to bare HTTP", "wanted": f"≥ {LEAST_RATIO}", "found": single,
            "met": single >= LEAST_RATIO, "coresUsedByOthers": runs.noise("accept_edge", "accept_bare"),
        },
        {
            "what": "accept_arrays", "name": "arrays of 50: ratio to XADD, or CPU µs an event of edge and Redis",
            "wanted": f"≥ {LEAST_RATIO} or ≤ {ARRAY_CPU_MICROSECONDS} µs", "found": arrays, "foundMicroseconds": together,
            "met": arrays >= LEAST_RATIO or together <= ARRAY_CPU_MICROSECONDS,
            "coresUsedByOthers": runs.noise("accept_arrays", "append_batches"),
        },
        {
            "what": "idle_edge", "name": "idle connections: memory over that of bare HTTP", "wanted": f"< {IDLE_RATIO}", "found": idle,
            "met": idle < IDLE_RATIO, "coresUsedByOthers": 0,
        },
    ]


def ratios(runs):
    return {what: runs.ratios(what, floor) for _, what, floor in RATES if floor}


def verdict(medians, what):
    """The ratio to the floor, and how the target is met, where there is one."""
    text = f"{medians[what]['ratioToFloor']:>7.2f}" if "ratioToFloor" in medians[what] else ""
    for target in medians["targets"]:
        if target["what"] == what:
            doubt = " ?" if target["coresUsedByOthers"] > QUIET_CORES else ""
            text += f"  {target['wanted']} {'met' if target['met'] else 'MISSED'}{doubt}"
    return text


def lines(runs, medians):
    yield "Accepting"
    yield (
        f"{'':30}{'events/s':>10}  {'least … greatest':>19}{'p50 ms':>8}{'p99 ms':>8}"
        f"{'CPU µs an event: server':>25}{'Redis':>7}{'wrk':>6}{'peak MiB':>10}{'ratio':>7}  target"
    )
    for label, what, _ in RATES:
        found = medians[what]
        rates = runs.values(what, "perSecond")
        spent = found["cpuMicrosecondsPerEvent"]
        cells = [f"{spent[part]:.1f}" if part in spent else "" for part in ("server", "redis", "wrk")]
        peak = f"{found['peakMiB']:.0f}" if "peakMiB" in found else ""
        extent = f"{min(rates):,} … {max(rates):,}"
        yield (
            f"{label:<30}{found['perSecond']:>10,.0f}  {extent:>19}{found['p50Ms']:>8.2f}{found['p99Ms']:>8.2f}"
            f"{cells[0]:>25}{cells[1]:>7}{cells[2]:>6}{peak:>10}{verdict(medians, what)}"
        )
    arrays = medians["accept_arrays"]
    together = next(target["foundMicroseconds"] for target in medians["targets"] if target["what"] == "accept_arrays")
    yield f"  arrays of 50: edge and Redis together {together:.1f} µs of CPU an event; {arrays['ratioToSingleEntries']:.2f} of XADD with 1 event an entry"
    yield ""
    yield f"{medians['idle_edge']['connections']:,} idle connections"
    yield f"{'':30}{'MiB':>10}{'KiB each':>10}{'ratio':>7}  target"
    for label, what in (("bare HTTP", "idle_bare"), ("edge", "idle_edge")):
        found = medians[what]
        yield f"{label:<30}{found['heldMiB']:>10.0f}{found['kiBPerConnection']:>10.1f}{verdict(medians, what)}"
