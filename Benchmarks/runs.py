"""The measurements that Benchmarks/run took, and what is made of several runs."""

import json
import statistics

# Above this, what others did on the machine shows in the figures.
QUIET_CORES = 0.2


class Runs:
    """The measurements by what they are, in the order of the runs."""

    def __init__(self, path):
        self.all = {}
        with open(path) as file:
            for line in file:
                measurement = json.loads(line)
                self.all.setdefault(measurement["what"], []).append(measurement)

    def values(self, what, *path):
        found = []
        for value in self.all[what]:
            for name in path:
                value = value[name]
            found.append(value)
        return found

    def median(self, what, *path):
        return statistics.median(self.values(what, *path))

    def medians(self, what, *names):
        return {name: self.median(what, name) for name in names}

    def ratios(self, what, floor, name="perSecond"):
        """Of each run, over the same run's floor: neighbours in time, so that a slower hour meets both."""
        return [round(a / b, 3) for a, b in zip(self.values(what, name), self.values(floor, name))]

    def ratio(self, what, floor, name="perSecond"):
        return statistics.median(self.ratios(what, floor, name))

    def noise(self, *whats):
        """Cores that others had while these were measured, at most."""
        return max(m["coresUsedByOthers"] + m["coresStolen"] for what in whats for m in self.all[what])

    def noise_of_all(self):
        return self.noise(*(what for what in self.all if "coresUsedByOthers" in self.all[what][0]))

    def cpu(self, what):
        """Median microseconds an event of each process."""
        return {
            name: statistics.median(self.values(what, "cpuMicrosecondsPerEvent", name))
            for name in self.all[what][0]["cpuMicrosecondsPerEvent"]
        }


def verdict(target):
    """A disturbed measurement proves nothing either way: a floor that was held up makes what stands on it look fast."""
    wanted = f"≥ {target['least']}" if "least" in target else f"< {target['below']}"
    met = "met" if target["met"] else "MISSED"
    return f"{wanted:>6} {met}{' ?' if target['coresUsedByOthers'] > QUIET_CORES else ''}"
