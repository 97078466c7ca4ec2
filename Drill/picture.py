"""The drill as a picture: one panel a share, above each other, so that the same moment is at the same place."""

import math
from html import escape

import wording
from phases import Phase
from recording import Recording
from summary import Summary, by_phase, by_second

WIDTH = 900
LEFT, RIGHT = 74, 18
HEAD, FOOT = 142, 48
PLOT, STRIP, BETWEEN = 140, 24, 8
# Above a panel: its name, and what each phase came to. Below it: air.
NAME, CAPTION, AIR = 30, 68, 12
PANEL = CAPTION + PLOT + BETWEEN + STRIP + AIR
# Latencies, on a logarithmic scale.
LEAST_MS, MOST_MS = 0.1, 10_000
# A stretch as long as this in which nothing was accepted is told in words.
SILENT_SECONDS = 3
# From here on a person notices.
FELT_MS = 250

_BANDS = {"normal": "#f6f8fa", "slow": "#fff1cc", "stopped": "#ffdcd7", "recovery": "#dff3e4"}
_LABELS = {
    "normal": ("normal", ""), "slow": ("slow", "200 ms more a COMMIT"), "stopped": ("stopped", "no PostgreSQL"),
    "recovery": ("recovery", "started again"),
}
_MEANINGS = {
    0: "every member waits for PostgreSQL", 50: "half of the members wait for PostgreSQL, half do not", 100: "no member waits for PostgreSQL",
}
_STYLE = """
text { font-family: -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; font-size: 11px; fill: #57606a }
.title { font-size: 19px; font-weight: 600; fill: #1f2328 } .share { font-size: 14px; font-weight: 600; fill: #1f2328 }
.phase { font-size: 13px; font-weight: 600; fill: #1f2328 } .good { fill: #1f2328; font-weight: 600 } .bad { fill: #b42318; font-weight: 600 }
.grid { stroke: #1f2328; stroke-opacity: .12 } .frame { fill: none; stroke: #8c959f } .between { fill: #0969da; fill-opacity: .16 }
.p50 { fill: none; stroke: #54aeff; stroke-width: 1.6 } .p99 { fill: none; stroke: #0a3069; stroke-width: 1.8; stroke-linejoin: round }
.errors { fill: #cf222e } .strip { fill: #ffffff; fill-opacity: .75 }
"""


def svg(recording: Recording) -> str:
    shares = [verdict.share for verdict in recording.verdicts]
    height = HEAD + len(shares) * PANEL + FOOT
    scale = _Time(recording.phases[-1].end)
    bottom = height - FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-labelledby="title desc">',
        '<title id="title">What members notice when PostgreSQL is slow, and when it is stopped</title>',
        f'<desc id="desc">{escape(_description(recording))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6" fill="#ffffff" stroke="#d0d7de"/>',
        _text(LEFT, 34, "What members notice when PostgreSQL is slow, and when it is stopped", "title"),
        *_legend(recording.rate), *_bands(recording.phases, scale, bottom - 6),
    ]
    phases = by_phase(recording)
    for index, share in enumerate(shares):
        of_share = [(phase, phases[share, phase.name]) for phase in recording.phases]
        parts += _panel(HEAD + index * PANEL, share, of_share, by_second(recording, share), scale)
    parts += [_text(scale.x(second), bottom + 12, f"{second}", anchor="middle") for second in scale.ticks()]
    parts += [_text((LEFT + WIDTH - RIGHT) / 2, bottom + 32, "seconds since the first request", anchor="middle"), "</svg>"]
    return "\n".join(parts) + "\n"


class _Time:
    def __init__(self, seconds: float):
        self.seconds = seconds

    def x(self, second: float) -> float:
        return LEFT + second / self.seconds * (WIDTH - LEFT - RIGHT)

    def ticks(self) -> range:
        step = next((step for step in (1, 2, 5, 10, 20, 30, 60, 120, 300) if self.seconds / step <= 16), 600)
        return range(0, int(self.seconds) + 1, step)


def _y(top: float, ms: float) -> float:
    share = math.log(min(max(ms, LEAST_MS), MOST_MS) / LEAST_MS) / math.log(MOST_MS / LEAST_MS)
    return top + PLOT * (1 - share)


def _description(recording: Recording) -> str:
    found = by_phase(recording)
    return "Time until an event is accepted, and errors, by the share of members on the asynchronous path. " + " ".join(
        f"{verdict.share} %: " + ", ".join(
            f"{phase.name} {wording.latency(summary)} and {wording.errors(summary)}"
            for phase in recording.phases for summary in [found[verdict.share, phase.name]]
        ) + "." for verdict in recording.verdicts
    )


def _legend(rate: int) -> list[str]:
    x, y = LEFT, 60
    return [
        f'<path class="between" d="M{x} {y - 9}h26v11h-26z"/><path class="p99" d="M{x} {y - 9}h26"/><path class="p50" d="M{x} {y + 2}h26"/>',
        _text(x + 34, y, "time until an event is accepted: p99 above, p50 below"),
        f'<rect class="errors" x="{x + 372}" y="{y - 9}" width="26" height="11"/>', _text(x + 406, y, "requests that failed, 0 to 100 %"),
        _text(WIDTH - RIGHT, y, f"{rate} requests/s, each second by itself", anchor="end"),
    ]


def _bands(phases: list[Phase], scale: _Time, bottom: float) -> list[str]:
    """Behind everything, from the names of the phases down to the axis."""
    parts, top = [], 84
    for phase in phases:
        begin, end = scale.x(phase.begin), scale.x(phase.end)
        name, meaning = _LABELS[phase.name]
        parts.append(f'<rect x="{begin:.1f}" y="{top}" width="{end - begin:.1f}" height="{bottom - top:.1f}" fill="{_BANDS[phase.name]}"/>')
        parts += [_text((begin + end) / 2, top + 22, name, "phase", "middle"), _text((begin + end) / 2, top + 39, meaning, anchor="middle")]
    return parts


def _panel(top: float, share: int, of_phases: list[tuple[Phase, Summary]], seconds: list[Summary], scale: _Time) -> list[str]:
    plot = top + CAPTION
    strip = plot + PLOT + BETWEEN
    width = WIDTH - LEFT - RIGHT
    parts = [
        f'<rect x="{LEFT}" y="{top}" width="{width}" height="{NAME}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="{top + 21}"><tspan class="share">{share} % asynchronous</tspan><tspan dx="9">{_MEANINGS[share]}</tspan></text>',
    ]
    for phase, summary in of_phases:
        middle = scale.x((phase.begin + phase.end) / 2)
        has_errors = summary.errors > 0
        is_slow = summary.accepted_p99 is None or summary.accepted_p99 >= FELT_MS
        parts.append(_text(middle, plot - 22, wording.latency(summary), "bad" if is_slow else "good", "middle"))
        parts.append(_text(middle, plot - 8, wording.errors(summary) if has_errors else "no errors", "bad" if has_errors else "good", "middle"))
    for ms, label in ((0.1, "0.1 ms"), (1, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1000, "1 s"), (10_000, "10 s")):
        y = _y(plot, ms)
        parts += [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>', _text(LEFT - 6, y + 4, label, anchor="end")]
    for stretch in _stretches(seconds):
        parts += _curves(plot, seconds, stretch, scale)
    for begin, end in _silences(seconds):
        parts.append(_text(scale.x((begin + end) / 2), plot + PLOT / 2 + 4, "nothing is accepted", "bad", "middle"))
    parts.append(f'<rect x="{LEFT}" y="{strip}" width="{width}" height="{STRIP}" class="strip"/>')
    parts.append(f'<path class="errors" d="{_bars(strip, seconds, scale)}"/>')
    parts.append(f'<rect x="{LEFT}" y="{plot}" width="{width}" height="{PLOT}" class="frame"/>')
    parts.append(f'<rect x="{LEFT}" y="{strip}" width="{width}" height="{STRIP}" class="frame"/>')
    parts.append(_text(LEFT - 6, strip + STRIP / 2 + 4, "errors", anchor="end"))
    parts.append(f'<text transform="translate(18 {plot + PLOT / 2:.0f}) rotate(-90)" text-anchor="middle">accepted in</text>')
    return parts


def _stretches(seconds: list[Summary]) -> list[range]:
    """Neighbouring seconds in which something was accepted."""
    return _ranges([summary.accepted > 0 for summary in seconds])


def _silences(seconds: list[Summary]) -> list[tuple[int, int]]:
    silent = _ranges([summary.requests > 0 and summary.accepted == 0 for summary in seconds])
    return [(stretch.start, stretch.stop) for stretch in silent if len(stretch) >= SILENT_SECONDS]


def _ranges(flags: list[bool]) -> list[range]:
    found, start = [], None
    for index, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            found.append(range(start, index))
            start = None
    return found


def _curves(plot: float, seconds: list[Summary], stretch: range, scale: _Time) -> list[str]:
    """Steps: a value is that of its whole second."""
    high, low = (
        [f"{scale.x(edge):.1f} {_y(plot, getattr(seconds[second], name)):.1f}" for second in stretch for edge in (second, min(second + 1, scale.seconds))]
        for name in ("accepted_p99", "accepted_p50")
    )
    return [
        f'<path class="between" d="M{" L".join(high + low[::-1])}z"/>', f'<path class="p50" d="M{" L".join(low)}"/>',
        f'<path class="p99" d="M{" L".join(high)}"/>',
    ]


def _bars(strip: float, seconds: list[Summary], scale: _Time) -> str:
    bars = []
    for second, summary in enumerate(seconds):
        if summary.errors > 0:
            # One that is there is to be seen.
            height = max(STRIP * summary.errors, 1.5)
            begin, end = scale.x(second), scale.x(min(second + 1, scale.seconds))
            bars.append(f"M{begin:.1f} {strip + STRIP:.1f}v{-height:.1f}H{end:.1f}v{height:.1f}z")
    return "".join(bars)


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    attributes = (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(text)}</text>'
