"""What programs of this folder begin and end with."""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

import isolation
import report


def number(name, default, least):
    text = os.environ.get(name, default)
    if not text.isdigit() or not least <= int(text) <= 86_400:
        sys.exit(f"chaos: {name} must be a number from {least} to 86400, not '{text}'")
    return int(text)


def main(make):
    """Runs `make(folder).run()` isolated; the folder is kept only if that fails."""
    if not os.access(Path(os.environ.get("BIN_DIR", "")) / "playhead", os.X_OK):
        sys.exit("chaos: BIN_DIR names no folder with the executables; 'make build' builds them")
    if isolation.INSIDE not in os.environ:
        sys.exit(isolation.rerun())
    isolation.raise_loopback()
    # On a disk, not in memory, and where another user, as whom root runs PostgreSQL, may pass.
    folder = Path(tempfile.mkdtemp(prefix="playhead-chaos-", dir="/var/tmp"))
    folder.chmod(0o711)
    (folder / "logs").mkdir()
    is_good = was_called_off = False
    try:
        is_good = asyncio.run(_run(make(folder)))
    except asyncio.CancelledError:
        was_called_off = True
        report.say("called off")
    finally:
        if is_good or was_called_off:
            shutil.rmtree(folder)
        else:
            report.repeat(folder)
    sys.exit(0 if is_good else 1)


async def _run(work):
    """Ends with the program that isolated us: our standard input is a pipe from it."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def end():
        loop.remove_reader(0)
        task.cancel()

    loop.add_reader(0, end)
    return await work.run()
