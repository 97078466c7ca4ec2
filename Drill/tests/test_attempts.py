import asyncio
import unittest
from pathlib import Path
from unittest import mock

import main
from recording import Recording
from tests import recordings


class AttemptsTests(unittest.TestCase):
    def tried(self, *drills):
        """What is recorded of the 100 % of these drills, and how many of them were tried."""
        trials = iter(drills)

        class Trial:
            def __init__(self, *_):
                self.drill = next(trials)

            async def run(self):
                return [request for request in self.drill.requests if request.share == 100], self.drill.verdicts[-1]

        recording = Recording(recordings.RATE, drills[0].phases)
        with mock.patch.object(main, "Trial", Trial), mock.patch.object(main, "say"):
            asyncio.run(main.try_share(100, recording, Path("/nowhere")))
        return recording, len(drills) - len(list(trials))

    def slow(self):
        drill = recordings.good()
        recordings.change(drill, 100, "stopped", 260, "spool")
        return drill

    def test_a_good_one_is_enough(self):
        recording, count = self.tried(recordings.good(), self.slow())
        self.assertEqual((count, len(recording.verdicts)), (1, 1))

    def test_one_that_was_slow_is_tried_again(self):
        good = recordings.good()
        recording, count = self.tried(self.slow(), good, self.slow())
        self.assertEqual((count, recording.verdicts), (2, [good.verdicts[-1]]))
        self.assertTrue(all(request.ms == 3 for request in recording.requests))

    def test_there_is_no_fourth_attempt(self):
        recording, count = self.tried(self.slow(), self.slow(), self.slow(), recordings.good())
        self.assertEqual((count, recording.verdicts[0].attempts), (3, 3))
        self.assertTrue(any(request.ms == 260 for request in recording.requests))

    def test_nothing_else_is_tried_away(self):
        def lost(drill):
            drill.verdicts[-1].lost.append("viewer-0001/evening-0/3")

        def invented(drill):
            drill.verdicts[-1].invented.append("viewer-0001/evening-0/9")

        def failed(drill):
            recordings.change(drill, 100, "slow", 3, "503", every=100)

        for spoil in lost, invented, failed:
            for earlier in [], [self.slow()]:
                with self.subTest(spoil.__name__, earlier=len(earlier)):
                    # Beside times that were spoilt, too.
                    bad = self.slow()
                    spoil(bad)
                    recording, count = self.tried(*earlier, bad, recordings.good())
                    self.assertEqual((count, recording.verdicts), (len(earlier) + 1, [bad.verdicts[-1]]))
