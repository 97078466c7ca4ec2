"""What the report says of how fast histories are read."""

import statistics

from runs import QUIET_CORES

KINDS = ["history", "bookmark"]
LEAST_RATIO = 0.7
# At half of the greatest rate.
P99_MS = 10


def combined(runs, kind):
    """A request that does the one after the other: of each run, 1 / (1 / bare HTTP + 1 / pgbench)."""
    return [
        1 / (1 / bare + 1 / floor)
        for bare, floor in zip(runs.values(f"read_bare_{kind}", "perSecond"), runs.values(f"read_floor_{kind}", "perSecond"))
    ]


def ratios(runs):
    return {
        f"read_{kind}": [round(rate / floor, 3) for rate, floor in zip(runs.values(f"read_{kind}", "perSecond"), combined(runs, kind))]
        for kind in KINDS
    }


def summary(runs):
    result, targets = {}, []
    for kind in KINDS:
        for what in ("read_bare", "read", "read_half"):
            name = f"{what}_{kind}"
            result[name] = runs.medians(name, "perSecond", "p50Ms", "p99Ms", "maxMs", "residentMiB") | {"cpuMicrosecondsPerEvent": runs.cpu(name)}
        name = f"read_floor_{kind}"
        result[name] = runs.medians(name, "perSecond") | {"cpuMicrosecondsPerEvent": runs.cpu(name)}
        result[f"read_{kind}"]["combinedFloor"] = round(statistics.median(combined(runs, kind)))
        ratio = statistics.median(ratios(runs)[f"read_{kind}"])
        result[f"read_{kind}"]["ratioToFloor"] = ratio
        p99 = result[f"read_half_{kind}"]["p99Ms"]
        targets += [
            {
                "what": f"read_{kind}", "name": f"{kind}: ratio to bare HTTP and pgbench together", "wanted": f"≥ {LEAST_RATIO}", "found": ratio,
                "met": ratio >= LEAST_RATIO, "coresUsedByOthers": runs.noise(f"read_{kind}", f"read_bare_{kind}", f"read_floor_{kind}"),
            },
            {
                "what": f"read_half_{kind}", "name": f"{kind}: p99 at half of the rate", "wanted": f"< {P99_MS} ms", "found": p99,
                "met": p99 < P99_MS, "coresUsedByOthers": runs.noise(f"read_half_{kind}"),
            },
        ]
    return result | {"targets": targets}


def verdict(medians, what):
    text = f"{medians[what]['ratioToFloor']:>7.2f}" if "ratioToFloor" in medians[what] else f"{'':7}"
    for target in medians["targets"]:
        if target["what"] == what:
            doubt = " ?" if target["coresUsedByOthers"] > QUIET_CORES else ""
            text += f"  {target['wanted']} {'met' if target['met'] else 'MISSED'}{doubt}"
    return text


def lines(runs, medians):
    yield "Reading"
    yield f"{'':30}{'requests/s':>11}{'p50 ms':>8}{'p99 ms':>8}{'CPU µs a request: server':>26}{'PostgreSQL':>12}{'client':>8}{'ratio':>7}  target"
    for kind in KINDS:
        for label, what in (
            (f"bare HTTP  {kind}", f"read_bare_{kind}"), (f"pgbench    {kind}", f"read_floor_{kind}"),
            (f"query      {kind}", f"read_{kind}"), (f"query      {kind}, half rate", f"read_half_{kind}"),
        ):
            found = medians[what]
            spent = found["cpuMicrosecondsPerEvent"]
            cells = [f"{spent[part]:.1f}" if part in spent else "" for part in ("server", "postgres", "client")]
            times = [f"{found[name]:.2f}" if name in found else "" for name in ("p50Ms", "p99Ms")]
            yield (
                f"{label:<30}{found['perSecond']:>11,.0f}{times[0]:>8}{times[1]:>8}{cells[0]:>26}{cells[1]:>12}{cells[2]:>8}"
                f"{verdict(medians, what)}"
            )
        yield f"  {kind}: the floors one after the other: {medians[f'read_{kind}']['combinedFloor']:,} requests/s"
