"""The failure drill: options, the shares one after the other, and what is made of them."""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What starts, stops and awaits processes is that of Chaos.
sys.path.append(str(ROOT / "Chaos"))

import expectations  # noqa: E402
import picture  # noqa: E402
import table  # noqa: E402
from calling_off import call_off_on_signals, leaves  # noqa: E402
from phases import NAMES, SHARES, timeline  # noqa: E402
from recording import Recording  # noqa: E402
from targets import Failure  # noqa: E402
from trial import Trial  # noqa: E402

PAGE, PICTURE = ROOT / "docs/drill.md", ROOT / "docs/pictures/drill.svg"
RESULTS = ROOT / ".build/drill"
RATE, SECONDS = 200, dict(zip(NAMES, (15, 40, 60, 30)))
ATTEMPTS = 3
QUICK_RATE, QUICK_SECONDS = 150, dict(zip(NAMES, (4, 8, 8, 8)))


def say(text):
    print(f"drill: {text}", file=sys.stderr, flush=True)


def options():
    parser = argparse.ArgumentParser(prog="Drill/run", description="What members notice of a slow and of a stopped PostgreSQL. See Drill/README.md.")
    parser.add_argument("--rate", type=_number(1, 2_000), help=f"requests a second ({RATE})")
    for name, seconds in SECONDS.items():
        parser.add_argument(f"--seconds-{name}", type=_number(4, 3_600), help=f"how long that phase is ({seconds})")
    parser.add_argument("--quick", action="store_true", help="a shorter run that leaves docs/ as it is")
    parser.add_argument("--redraw", type=Path, metavar="FILE", help="table and picture of a recorded run")
    return parser.parse_args()


def _number(least, most):
    def number(text):
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a number from {least} to {most}, not '{text}'")
        return int(text)
    return number


def main():
    chosen = options()
    if chosen.redraw:
        recording = Recording.read(chosen.redraw)
    else:
        if not os.access(Path(os.environ.get("BIN_DIR", "")) / "playhead", os.X_OK):
            sys.exit("drill: BIN_DIR names no folder with the executables; 'make build' builds them")
        recording = drill(chosen)
    sys.exit(0 if publish(recording, to_docs=not chosen.quick) else 1)


def drill(chosen) -> Recording:
    usual = QUICK_SECONDS if chosen.quick else SECONDS
    seconds = [getattr(chosen, f"seconds_{name}") or usual[name] for name in NAMES]
    recording = Recording(chosen.rate or (QUICK_RATE if chosen.quick else RATE), timeline(seconds))
    # On a disk, not in memory, and where another user, as whom root runs PostgreSQL, may pass.
    folder = Path(tempfile.mkdtemp(prefix="playhead-drill-", dir="/var/tmp"))
    folder.chmod(0o711)
    failures, was_called_off, is_complete = [], False, False
    try:
        asyncio.run(_run_all(recording, folder))
        is_complete = True
    except* Failure as group:
        failures = list(leaves(group))
    except* asyncio.CancelledError:
        was_called_off = True
    finally:
        if is_complete or was_called_off:
            shutil.rmtree(folder)
        else:
            say(f"logs and data are kept in {folder}")
    for failure in failures:
        print("\n".join([f"FAILED: {failure}", *(f"    {line}" for line in failure.lines)]))
    if not is_complete:
        sys.exit("drill: called off" if was_called_off else 1)
    return recording


async def _run_all(recording, folder):
    call_off_on_signals()
    for share in SHARES:
        await try_share(share, recording, folder)


async def try_share(share, recording, folder):
    """A machine that stands still for a tenth of a second spoils a share's times: they are measured again. What failed or was lost is not."""
    for attempt in range(1, ATTEMPTS + 1):
        say(f"{share} % asynchronous: {recording.rate} requests a second for {recording.phases[-1].end:g} s")
        requests, verdict = await Trial(folder / f"{share}-{attempt}", share, recording.rate, recording.phases).run()
        say(f"{verdict.acknowledged} events acknowledged, {len(verdict.lost)} lost; requests left {verdict.late_ms:.0f} ms late at most")
        verdict.attempts = attempt
        alone = Recording(recording.rate, recording.phases, requests=requests, verdicts=[verdict])
        failures = expectations.broken_expectations(alone)
        if attempt == ATTEMPTS or not failures or not all(isinstance(failure, expectations.Timing) for failure in failures):
            break
        say(f"once more, attempt {attempt + 1} of {ATTEMPTS}: {'; '.join(failures)}")
    recording.requests += requests
    recording.verdicts.append(verdict)


def publish(recording: Recording, to_docs: bool) -> bool:
    """Whether the drill shows what it must. If not, docs/ keeps what it has."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    drawn, figures = picture.svg(recording), table.markdown(recording)
    recording.write(RESULTS / "drill.jsonl")
    (RESULTS / "drill.svg").write_text(drawn)
    (RESULTS / "drill.md").write_text(figures + "\n")
    print(figures, table.details(recording), sep="\n\n")
    say(f"recording, table and picture are in {RESULTS}")
    failures = expectations.broken_expectations(recording)
    for failure in failures:
        print(f"FAILED: {failure}")
    if to_docs and not failures:
        PAGE.write_text(table.replace_between_markers(PAGE.read_text(), figures))
        PICTURE.write_text(drawn)
    print("drill: FAILED" if failures else "drill: ok", flush=True)
    return not failures


if __name__ == "__main__":
    main()
