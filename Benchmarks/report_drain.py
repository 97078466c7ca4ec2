"""What the report says of draining a backlog and of freshness."""

from runs import verdict

# A drain beside its floor: what is measured, of which floor, how large the ratio shall be.
DRAINS = [
    ("drain (a)  1 event a session", "drain_single", "insert floor  pgbench", "floor_insert", 0.8),
    ("drain (b) 10 events a session", "drain_turns", "update floor  pgbench", "floor_update", 3.0),
]
FRESHNESS_P99_MS = 10


def summary(runs):
    result = {"targets": []}
    for name, drain, _, floor, least in DRAINS:
        for what in (floor, drain):
            result[what] = {"perSecond": runs.median(what, "perSecond"), "cpuMicrosecondsPerEvent": runs.cpu(what)}
        ratio = runs.ratio(drain, floor)
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
    return result


def ratios(runs):
    return {drain: runs.ratios(drain, floor) for _, drain, _, floor, _ in DRAINS}


def lines(runs, medians):
    yield f"Draining backlogs of {runs.all['drain_single'][0]['events']:,} events"
    yield from drain_lines(runs, medians)
    yield ""
    yield f"Freshness at {medians['freshness']['perSecond']:,.0f} events a second"
    yield from freshness_lines(runs, medians)


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
