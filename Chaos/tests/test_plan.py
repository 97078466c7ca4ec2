import unittest
from collections import Counter

import plan


class PlanTests(unittest.TestCase):
    def test_the_same_seed_gives_the_same_plan(self):
        self.assertEqual(plan.plan(7, 60), plan.plan(7, 60))
        self.assertNotEqual(plan.plan(7, 60), plan.plan(8, 60))

    def test_every_kind_happens_often_enough(self):
        for seed in range(50):
            counts = Counter(str(fault.kind) for fault in plan.plan(seed, 60))
            self.assertEqual(set(counts), {str(kind) for kind in plan.kinds()})
            self.assertGreaterEqual(min(counts.values()), plan.LEAST, f"seed {seed}")

    def test_faults_are_over_in_time_and_within_their_bounds(self):
        for fault in plan.plan(3, 60):
            self.assertLess(fault.at + fault.seconds, 60)
            self.assertGreaterEqual(fault.seconds, fault.kind.shortest)
            self.assertLessEqual(fault.seconds, fault.kind.longest)
            self.assertIn(fault.target, fault.kind.targets)

    def test_a_target_is_under_one_fault_at_a_time_and_lives_between_them(self):
        until = {}
        for fault in plan.plan(5, 300):
            self.assertGreaterEqual(fault.at, until.get(fault.target, 0))
            until[fault.target] = fault.at + fault.seconds + plan.RECOVERY_SECONDS

    def test_several_last_at_a_time(self):
        faults = plan.plan(1, 60)
        pairs = zip(faults, faults[1:])
        self.assertGreater(sum(second.at < first.at + first.seconds for first, second in pairs), len(faults) // 4)

    def test_a_longer_run_has_more(self):
        self.assertGreater(len(plan.plan(1, 1200)), 1000)

    def test_too_short_a_time_is_refused(self):
        with self.assertRaises(ValueError):
            plan.plan(1, 10)


if __name__ == "__main__":
    unittest.main()
