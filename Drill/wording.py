"""Numbers as people read them."""

from summary import Summary


def time(ms: float | None) -> str:
    if ms is None:
        return "–"
    # By what it rounds to: 999.6 ms are 1.0 s.
    return f"{ms:.1f} ms" if ms < 9.95 else f"{ms:.0f} ms" if ms < 999.5 else f"{ms / 1000:.1f} s"


def percent(share: float) -> str:
    """Never 0 or 100 for what is only close to it."""
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    if share < 0.0005:
        return "< 0.1 %"
    if share > 0.9995:
        return "> 99.9 %"
    return f"{share * 100:.1f} %" if share < 0.0995 or share >= 0.995 else f"{share * 100:.0f} %"


def latency(summary: Summary) -> str:
    return f"p99 {time(summary.accepted_p99)}" if summary.accepted else "none accepted"


def errors(summary: Summary) -> str:
    return f"{percent(summary.errors)} errors"
