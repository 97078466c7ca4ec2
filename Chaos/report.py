"""What a run prints."""

import os
import sys
from collections import Counter

from plan import kinds


def say(text):
    print(f"chaos: {text}", file=sys.stderr, flush=True)


def row(name, value):
    print(f"{name:<10}{value}")


def show(campaign):
    facts = campaign.facts
    row("seed", campaign.seed)
    if faults := getattr(campaign, "faults", None):
        _show_faults(faults)
    for simulation in getattr(campaign, "simulations", []):
        lines = simulation.lines()
        for name in ("accepted", "requests", "latency"):
            if name in lines:
                row(simulation.edge.name, f"{name} {lines[name]}")
    for probe in getattr(campaign, "probes", {}).values():
        answers = ", ".join(f"{count} with {status}" for status, count in sorted(probe.statuses.items()))
        row(probe.edge.name, f"probes {answers}, {len(probe.unanswered)} without an answer; slowest answer {probe.slowest:.2f} s")
    if "peak" in facts:
        row("edges", f"{facts['peak']:.0f} MiB resident at most")
    if "ready" in facts:
        row("ready", f"every service by itself, {facts['ready']:.1f} s after the last fault")
    if "drained" in facts:
        row("spool", f"empty {facts['drained']:.1f} s later")
    if "events" in facts:
        row("verified", f"{facts['events']} events, {facts['sessions']} sessions: all that were accepted, 0 differences")
    if "compacted" in facts:
        row("compacted", f"{facts['compacted']} of the sessions; {facts.get('brought back', 0)} were brought back after the last restarts")
    row("time", f"{facts['seconds']:.0f} s")
    show_failures(campaign.failures)
    print("chaos: FAILED" if campaign.failures else "chaos: ok", flush=True)


def show_failures(failures):
    for failure in failures:
        print(f"FAILED: {failure}")
        if failure.log:
            print(f"--- the end of {failure.log}")
            print("\n".join(f"    {line}" for line in failure.lines))


def _show_faults(faults):
    kills = Counter({target: count for (action, target), count in faults.struck.items() if action == "kill"})
    row("kills", ", ".join(f"{name} {count}" for name, count in sorted(kills.items())))
    row("faults", faults.fired.total())
    for action in dict.fromkeys(kind.action for kind in kinds()):
        counts = ", ".join(f"{kind.group} {faults.fired[str(kind)]}" for kind in kinds() if kind.action == action)
        print(f"  {action:<12}{counts}")


def repeat(folder):
    settings = [f"{name}={os.environ[name]}" for name in ("CHAOS_SEED", "CHAOS_SECONDS", "BIN_DIR") if name in os.environ]
    say(f"logs and data are kept in {folder}")
    say(f"again: {' '.join([*settings, sys.argv[0]])}")
