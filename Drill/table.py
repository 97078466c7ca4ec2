"""The figures in Markdown."""

import wording
from recording import Recording
from summary import by_phase

BEGIN, END = "<!-- drill:begin -->", "<!-- drill:end -->"
_HAPPENS = {
    "normal": "normal", "slow": "slow: 200 ms more a COMMIT", "stopped": "PostgreSQL stopped", "recovery": "started again",
}


def markdown(recording: Recording) -> str:
    phases = by_phase(recording)
    shares = [verdict.share for verdict in recording.verdicts]
    lines = [_row("", *(f"{share} % asynchronous" for share in shares)), _row(*["---"] * (len(shares) + 1))]
    for phase in recording.phases:
        cells = [f"{wording.latency(summary)}, {wording.errors(summary)}" for summary in (phases[share, phase.name] for share in shares)]
        lines.append(_row(f"{_HAPPENS[phase.name]}, {phase.seconds:g} s", *cells))
    lines.append(_row("acknowledged, and all of it in the history", *(_kept(verdict) for verdict in recording.verdicts)))
    lines.append(_row("all applied, after the last request", *(f"{verdict.seconds_to_apply:.1f} s" for verdict in recording.verdicts)))
    setting = f"{recording.rate} requests a second; client and servers share {recording.cores} cores. p99 of accepted requests."
    again = [f"{verdict.share} % was measured {verdict.attempts} times" for verdict in recording.verdicts if verdict.attempts > 1]
    if again:
        setting += f" {', '.join(again)}: the times before were spoilt."
    return "\n".join([*lines, "", setting])


def details(recording: Recording) -> str:
    """Every figure. Times of answers whatever the status, but for the last column."""
    lines = [_row("asynchronous", "phase", "requests", "accepted", "503", "gave up", "no connection", "p50", "p99", "max", "p99 of accepted")]
    lines.append(_row(*["---"] * 2, *["---:"] * 9))
    for (share, name), found in by_phase(recording).items():
        counts = found.refused, found.gave_up, found.broken
        times = found.answered_p50, found.answered_p99, found.answered_max, found.accepted_p99
        lines.append(_row(f"{share} %", name, found.requests, wording.percent(1 - found.errors), *counts, *map(wording.time, times)))
    return "\n".join(lines)


def _kept(verdict) -> str:
    missing = len(verdict.lost)
    return f"{verdict.acknowledged:,} events, {verdict.sessions:,} sessions" if not missing else f"**{missing:,} lost** of {verdict.acknowledged:,}"


def _row(*cells) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def replace_between_markers(page: str, text: str) -> str:
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n{text}\n{END}{after}"
