"""What the report says of how much compaction saves, and what reading compacted history costs."""

import statistics

from runs import QUIET_CORES

MOST_BYTES = 0.25
MOST_LATENCY = 2
PAGES = {"first": "firstP50Ms", "deep": "deepP50Ms"}


def ratios(runs):
    result = {
        "compaction": [
            round(compacted / live, 3)
            for compacted, live in zip(runs.values("compaction", "compactedBytes"), runs.values("compaction", "liveBytes"))
        ]
    }
    for page, name in PAGES.items():
        result[f"pages_{page}"] = [
            round(compacted / live, 3) for compacted, live in zip(runs.values("pages_compacted", name), runs.values("pages_live", name))
        ]
    return result


def summary(runs):
    result = {"compaction": runs.medians("compaction", "liveBytes", "compactedBytes", "floorBytes", "perSecond", "sessions")}
    result["compaction"]["bytesOfTables"] = {
        table: runs.median("compaction", "bytesOfTables", table) for table in runs.all["compaction"][0]["bytesOfTables"]
    }
    for what in ("pages_live", "pages_compacted"):
        result[what] = runs.medians(what, "firstP50Ms", "firstP99Ms", "deepP50Ms", "deepP99Ms") | {"cpuMicrosecondsPerEvent": runs.cpu(what)}
    found = {what: statistics.median(values) for what, values in ratios(runs).items()}
    targets = [
        {
            "what": "compaction", "name": "bytes of compacted history to live rows", "wanted": f"≤ {MOST_BYTES}", "found": found["compaction"],
            "met": found["compaction"] <= MOST_BYTES, "coresUsedByOthers": 0,
        }
    ]
    targets += [
        {
            "what": f"pages_{page}", "name": f"{page} page: compacted to live, p50", "wanted": f"≤ {MOST_LATENCY}", "found": found[f"pages_{page}"],
            "met": found[f"pages_{page}"] <= MOST_LATENCY, "coresUsedByOthers": runs.noise("pages_live", "pages_compacted"),
        }
        for page in PAGES
    ]
    return result | {"targets": targets}


def lines(runs, medians):
    found = medians["compaction"]
    yield "Compaction"
    yield f"{'':34}{'bytes a session':>16}"
    yield f"{'live rows, with indexes':<34}{found['liveBytes']:>16.1f}"
    yield f"{'compacted, everything':<34}{found['compactedBytes']:>16.1f}"
    for table, size in found["bytesOfTables"].items():
        yield f"{'  ' + table:<34}{size:>16.1f}"
    yield f"{'CSV of each member, zstd -3':<34}{found['floorBytes']:>16.1f}"
    yield f"  compacted at {found['perSecond']:,.0f} sessions/s"
    yield f"{'page of 20':34}{'p50 ms':>8}{'p99 ms':>8}"
    for page in PAGES:
        for what in ("pages_live", "pages_compacted"):
            cells = (medians[what][f"{page}{part}Ms"] for part in ("P50", "P99"))
            yield f"{page + ' page, ' + what.removeprefix('pages_'):<34}" + "".join(f"{cell:>8.2f}" for cell in cells)
    for what in ("pages_live", "pages_compacted"):
        spent = medians[what]["cpuMicrosecondsPerEvent"]
        yield f"  CPU µs a page, {what.removeprefix('pages_')}: server {spent['server']:.0f}, PostgreSQL {spent['postgres']:.0f}"
    for target in medians["targets"]:
        if target["what"] == "compaction" or target["what"].startswith("pages_"):
            doubt = " ?" if target["coresUsedByOthers"] > QUIET_CORES else ""
            yield f"  {target['name']}: {target['found']:.2f}, {target['wanted']} {'met' if target['met'] else 'MISSED'}{doubt}"
