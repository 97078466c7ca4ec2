import unittest

from expectations import broken_expectations
from tests import recordings


class ExpectationsTests(unittest.TestCase):
    def setUp(self):
        self.recording = recordings.good()

    def assert_one(self, pattern):
        found = broken_expectations(self.recording)
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], pattern)

    def test_a_good_drill(self):
        self.assertEqual(broken_expectations(self.recording), [])

    def test_an_event_was_lost(self):
        self.recording.verdicts[2].lost.append("viewer-0001/evening-0/3")
        self.assert_one("100 %: 1 events were lost, viewer-0001/evening-0/3")

    def test_an_event_was_invented(self):
        self.recording.verdicts[0].invented.append("viewer-0001/evening-0/9")
        self.assert_one("0 %: 1 events were invented")

    def test_postgres_was_not_stopped(self):
        recordings.change(self.recording, 0, "stopped", 9, "database")
        self.assert_one("was it stopped")

    def test_answers_after_the_return_do_not_count(self):
        for index, request in enumerate(self.recording.requests):
            if request.share == 0 and 18 <= request.at < 20:
                self.recording.requests[index] = recordings.Request(0, request.at, 1500, "database")
        self.assertEqual(broken_expectations(self.recording), [])

    def test_commits_were_not_slow(self):
        recordings.change(self.recording, 0, "slow", 9, "database")
        self.assert_one("were they slow")

    def test_slow_answers_without_errors_are_enough(self):
        recordings.change(self.recording, 0, "slow", 210, "database")
        self.assertEqual(broken_expectations(self.recording), [])

    def test_half_the_members_are_not_half(self):
        recordings.change(self.recording, 50, "stopped", 3, "503")
        self.assertRegex(broken_expectations(self.recording)[0], "half of the members should have them")

    def test_a_member_on_the_asynchronous_path_has_an_error(self):
        recordings.change(self.recording, 50, "slow", 3, "503", every=100)
        self.assert_one("requests of members on the asynchronous path failed")

    def test_an_error_without_synchronous_members(self):
        recordings.change(self.recording, 100, "normal", 10_000, "gave up", every=100)
        self.assert_one("requests failed .normal")

    def test_slow_answers_without_synchronous_members(self):
        recordings.change(self.recording, 100, "stopped", 260, "spool")
        self.assert_one("p99 is 260 ms")


if __name__ == "__main__":
    unittest.main()
