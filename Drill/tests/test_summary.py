import tempfile
import unittest
from pathlib import Path

import wording
from recording import Recording, Request
from summary import by_phase, by_second, percentile, summarise
from tests import recordings


class SummaryTests(unittest.TestCase):
    def test_percentiles_are_values_that_occurred(self):
        self.assertIsNone(percentile([], 0.5))
        self.assertEqual(percentile([7], 0.99), 7)
        self.assertEqual(percentile(list(range(1, 101)), 0.5), 50)
        self.assertEqual(percentile(list(range(1, 101)), 0.99), 99)

    def test_outcomes(self):
        found = summarise([
            Request(0, 0, 2, "database"), Request(0, 0, 4, "spool"), Request(0, 0, 6, "503"), Request(0, 0, 10_000, "gave up"),
            Request(0, 0, 1, "no connection"), Request(0, 0, 8, "500"),
        ])
        self.assertEqual((found.requests, found.accepted, found.refused, found.gave_up, found.broken), (6, 2, 1, 1, 1))
        self.assertEqual((found.answered_max, found.accepted_p99), (8, 4))
        self.assertAlmostEqual(found.errors, 4 / 6)

    def test_nothing_accepted_has_no_latency(self):
        self.assertIsNone(summarise([Request(0, 0, 1, "503")]).accepted_p99)

    def test_a_request_is_of_the_phase_in_which_it_was_due(self):
        found = by_phase(recordings.good())
        self.assertEqual([found[0, name].requests for name in ("normal", "slow", "stopped", "recovery")], [400, 800, 800, 800])
        self.assertEqual([summary.requests for summary in by_second(recordings.good(), 50)], [100] * 28)

    def test_a_recording_reads_as_it_was_written(self):
        recording = recordings.good()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "drill.jsonl"
            recording.write(path)
            self.assertEqual(Recording.read(path), recording)


class WordingTests(unittest.TestCase):
    def test_times(self):
        self.assertEqual(
            [wording.time(ms) for ms in (None, 0.84, 9.94, 9.96, 250.4, 999.4, 999.6, 2004)],
            ["–", "0.8 ms", "9.9 ms", "10 ms", "250 ms", "999 ms", "1.0 s", "2.0 s"])

    def test_only_nothing_is_0_and_only_all_is_100(self):
        self.assertEqual(
            [wording.percent(share) for share in (0, 0.0001, 0.004, 0.25, 0.996, 0.9999, 1)],
            ["0 %", "< 0.1 %", "0.4 %", "25 %", "99.6 %", "> 99.9 %", "100 %"])


if __name__ == "__main__":
    unittest.main()
