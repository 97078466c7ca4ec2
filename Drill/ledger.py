"""What was sent, what was acknowledged, and whether a history agrees with that."""

from collections import defaultdict

from viewers import Event


class Ledger:
    """By member and session. An event that was not acknowledged may be in the history: its answer may have been lost."""

    def __init__(self):
        self.sent_events = defaultdict(set)
        self.acknowledged_events = defaultdict(set)

    def sent(self, event: Event):
        self.sent_events[event.member, event.session].add(event.seq)

    def acknowledged(self, event: Event):
        self.acknowledged_events[event.member, event.session].add(event.seq)

    @property
    def acknowledged_count(self) -> int:
        return sum(map(len, self.acknowledged_events.values()))

    def compare(self, member: str, session: str, runs: list[list[int]]) -> tuple[set[int], set[int]]:
        """Events that were lost, and events that nobody sent; `runs` as in `sequenceRuns` of the API."""
        present = {seq for low, high in runs for seq in range(low, high + 1)}
        key = member, session
        return self.acknowledged_events.get(key, set()) - present, present - self.sent_events.get(key, set())
