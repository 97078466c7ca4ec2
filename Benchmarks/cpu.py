"""CPU time, in seconds, and memory of processes from /proc: see proc(5)."""

import os

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    with open(f"/proc/{pid}/stat") as file:
        # The name, in parentheses, may itself hold spaces and parentheses.
        return file.read().rpartition(")")[2].split()


def of_process(pid):
    """User and system time of one process, all of its threads, gone ones included."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def of_postgres(postmaster):
    """The postmaster, its children, and those that are gone, whose time their parent inherits."""
    while True:
        before = _stat(postmaster)[11:15]
        total = sum(map(int, before))
        with open(f"/proc/{postmaster}/task/{postmaster}/children") as file:
            children = file.read().split()
        for child in children:
            try:
                fields = _stat(child)
            except (FileNotFoundError, ProcessLookupError):
                continue
            total += int(fields[11]) + int(fields[12])
        # Else a child ended meanwhile, and its time may be in neither of the two, or in both.
        if _stat(postmaster)[13:15] == before[2:]:
            return total / TICKS


def of_machine():
    """Time that any core was busy, and time that the hypervisor kept for others."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _wait, interrupt, soft, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupt + soft) / TICKS, steal / TICKS


def memory(pid):
    """Resident memory in bytes: VmRSS is what there is now, VmHWM the most that there was."""
    with open(f"/proc/{pid}/status") as file:
        lines = (line.split() for line in file if line.startswith(("VmRSS:", "VmHWM:")))
        return {words[0][:-1]: int(words[1]) * 1024 for words in lines}


class Meter:
    """What named processes used between start() and stop(), and what everybody else did meanwhile."""

    def __init__(self, processes, postmaster):
        self.processes = dict(processes)
        self.postmaster = postmaster

    def _read(self):
        used = {name: of_process(pid) for name, pid in self.processes.items()}
        if self.postmaster:
            used["postgres"] = of_postgres(self.postmaster)
        own = os.times()
        tool = own.user + own.system + own.children_user + own.children_system
        return used, tool, of_machine()

    def start(self):
        self.before = self._read()

    def stop(self, seconds, events):
        """Microseconds of CPU an event by process, and how many cores others kept busy."""
        used, tool, (busy, steal) = self._read()
        used_before, tool_before, (busy_before, steal_before) = self.before
        spent = {name: used[name] - used_before[name] for name in used}
        others = busy - busy_before - sum(spent.values()) - (tool - tool_before)
        return {
            "cpuMicrosecondsPerEvent": {name: round(value * 1e6 / events, 2) for name, value in spent.items()},
            "coresUsedByOthers": round(max(others, 0) / seconds, 2),
            "coresStolen": round((steal - steal_before) / seconds, 2),
        }
