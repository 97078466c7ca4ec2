import unittest

from ledger import Ledger
from viewers import Event


class LedgerTests(unittest.TestCase):
    def setUp(self):
        self.ledger = Ledger()
        for seq in range(5):
            self.ledger.sent(Event("m", "s", seq))
        for seq in (0, 1, 3):
            self.ledger.acknowledged(Event("m", "s", seq))

    def test_what_was_acknowledged_is_there(self):
        self.assertEqual(self.ledger.compare("m", "s", [[0, 1], [3, 3]]), (set(), set()))

    def test_what_was_only_sent_may_be_there(self):
        self.assertEqual(self.ledger.compare("m", "s", [[0, 4]]), (set(), set()))

    def test_what_is_missing_is_lost(self):
        self.assertEqual(self.ledger.compare("m", "s", [[1, 2]]), ({0, 3}, set()))
        self.assertEqual(self.ledger.compare("m", "s", []), ({0, 1, 3}, set()))

    def test_what_nobody_sent_is_invented(self):
        self.assertEqual(self.ledger.compare("m", "s", [[0, 6]]), (set(), {5, 6}))
        self.assertEqual(self.ledger.compare("m", "other", [[0, 0]]), (set(), {0}))

    def test_an_event_counts_once(self):
        self.ledger.acknowledged(Event("m", "s", 3))
        self.assertEqual(self.ledger.acknowledged_count, 3)


if __name__ == "__main__":
    unittest.main()
