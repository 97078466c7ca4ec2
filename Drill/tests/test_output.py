import unittest
from xml.etree import ElementTree

import picture
import table
from tests import recordings


class TableTests(unittest.TestCase):
    def test_cells(self):
        lines = table.markdown(recordings.good()).splitlines()
        self.assertEqual(lines[0], "|  | 0 % asynchronous | 50 % asynchronous | 100 % asynchronous |")
        self.assertEqual(lines[4], "| PostgreSQL stopped, 8 s | none accepted, 100 % errors | p99 3.0 ms, 50 % errors | p99 3.0 ms, 0 % errors |")

    def test_a_loss_is_said(self):
        recording = recordings.good()
        recording.verdicts[0].lost.append("viewer-0001/evening-0/3")
        self.assertIn("**1 lost** of 2,000", table.markdown(recording))

    def test_another_attempt_is_said(self):
        recording = recordings.good()
        self.assertNotIn("measured", table.markdown(recording))
        recording.verdicts[2].attempts = 3
        self.assertIn("100 % was measured 3 times", table.markdown(recording))

    def test_only_what_is_between_the_markers_is_replaced(self):
        page = f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n"
        self.assertEqual(table.replace_between_markers(page, "new"), f"before\n{table.BEGIN}\nnew\n{table.END}\nafter\n")
        self.assertEqual(table.replace_between_markers(table.replace_between_markers(page, "new"), "old"), page)

    def test_a_page_without_markers(self):
        with self.assertRaises(ValueError):
            table.replace_between_markers(f"before\n{table.BEGIN}\n", "new")


class PictureTests(unittest.TestCase):
    def setUp(self):
        self.root = ElementTree.fromstring(picture.svg(recordings.good()))
        self.texts = ["".join(element.itertext()) for element in self.root.iter("{http://www.w3.org/2000/svg}text")]

    def test_it_names_shares_and_phases(self):
        for text in ("normal", "slow", "stopped", "recovery", "nothing is accepted"):
            self.assertEqual(self.texts.count(text), 1, text)
        self.assertEqual(sum("% asynchronous" in text for text in self.texts), 3)

    def test_it_says_what_it_shows_to_those_who_do_not_see_it(self):
        description = self.root.find("{http://www.w3.org/2000/svg}desc").text
        self.assertIn("0 %: normal p99 9.0 ms and 0 % errors, slow", description)

    def test_it_stays_within_its_edges(self):
        width, height = (float(value) for value in self.root.get("viewBox").split()[2:])
        for element in self.root.iter():
            self.assertLessEqual(float(element.get("x", 0)), width)
            self.assertLessEqual(float(element.get("y", 0)), height)


if __name__ == "__main__":
    unittest.main()
