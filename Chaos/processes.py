"""Processes and their descendants, from /proc: see proc(5)."""

import os
import signal
import subprocess
import time
from pathlib import Path


def spawn(command, log, environment, **options):
    """A child that Ctrl-C does not reach; what it says goes to the end of a log."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            command, stdin=options.pop("stdin", subprocess.DEVNULL), stdout=options.pop("stdout", output), stderr=output,
            env=environment, start_new_session=True, **options,
        )


def _table():
    """By process id: parent, name, and whether it lives."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            text = Path(f"/proc/{entry}/stat").read_text()
        except OSError:
            continue
        # The name, in parentheses, may itself hold spaces and parentheses.
        head, _, rest = text.rpartition(")")
        state, parent = rest.split()[:2]
        found[int(entry)] = int(parent), head.partition("(")[2], state not in "ZX"
    return found


def family(root, names=""):
    """The live process `root` and its descendants, parents first; only those whose name begins with one of `names`."""
    table = _table()
    members = [root]
    for member in members:
        members += [pid for pid, (parent, _, _) in table.items() if parent == member]
    return [pid for pid in members if pid in table and table[pid][2] and table[pid][1].startswith(names)]


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def kill_family(root):
    """kill -9 of a process with all of its descendants, none of which gets to notice the death of another."""
    before = []
    while (members := family(root)) != before:
        send(members, signal.SIGSTOP)
        before = members
    send(reversed(before), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(pid in before and alive for pid, (_, _, alive) in _table().items()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"kill -9 of {before} had no effect")
        time.sleep(0.005)


def peak_mib(pid):
    """The most memory that a live process had resident; 0 if it is gone."""
    try:
        line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return 0
    return int(line.split()[1]) / 1024


def tail(log, lines=25):
    try:
        return Path(log).read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return []
