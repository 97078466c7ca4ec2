import unittest

import phases
import viewers


class PhasesTests(unittest.TestCase):
    def test_phases_follow_each_other(self):
        found = phases.timeline([15, 40, 60, 30])
        self.assertEqual([(phase.name, phase.begin, phase.end) for phase in found], [
            ("normal", 0, 15), ("slow", 15, 55), ("stopped", 55, 115), ("recovery", 115, 145),
        ])


class ViewersTests(unittest.TestCase):
    def test_sessions_have_every_seq_from_0_once(self):
        seqs = {}
        for number in range(30 * viewers.MEMBERS):
            event = viewers.event(number)
            seqs.setdefault((event.member, event.session), []).append(event.seq)
        self.assertEqual(len({member for member, _ in seqs}), viewers.MEMBERS)
        for found in seqs.values():
            self.assertEqual(found, list(range(len(found))))
            self.assertLessEqual(len(found), viewers.EVENTS_A_SESSION)

    def test_a_member_is_not_asked_again_before_all_others(self):
        self.assertEqual(viewers.event(0).member, viewers.event(viewers.MEMBERS).member)
        self.assertEqual(len({viewers.event(number).member for number in range(viewers.MEMBERS)}), viewers.MEMBERS)


if __name__ == "__main__":
    unittest.main()
