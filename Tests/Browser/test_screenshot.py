import os
import unittest
import uuid
from datetime import datetime, timezone

from playwright.sync_api import expect

from console_test import ConsoleTest, without_tokens
from viewing import Viewing, ago

SCREENSHOT = os.environ.get("SCREENSHOT")

EVENING = [
    # title, started, runtime and minutes watched, device
    ("The Long Orbit", ago(minutes=50), 120, 47, "tv"),
    ("Café Nord: S2 E3", ago(hours=2), 30, 30, "phone"),
    ("Quiet Rivers", ago(days=1, hours=1), 50, 15, "tv"),
    ("Harbour Lights: S1 E2", ago(days=1, hours=2), 45, 45, "tv"),
    ("Harbour Lights: S1 E1", ago(days=1, hours=3), 45, 45, "tv"),
    ("A Field Guide to Clouds", ago(days=2, hours=3), 64, 52, "tablet"),
]


def where_it_is_ten_in_the_evening():
    hours = (22 - datetime.now(timezone.utc).hour + 11) % 24 - 11
    return f"Etc/GMT{-hours:+}"


@without_tokens
@unittest.skipUnless(SCREENSHOT, "SCREENSHOT names no file")
class ScreenshotTest(ConsoleTest):
    def test_an_evening(self):
        self.member = f"mira-{uuid.uuid4().hex[:4]}"
        for title, started, runtime, minutes, device in EVENING:
            Viewing(self.member, title, started, runtime, device).watch(minutes)
        self.new_page(color_scheme="light", locale="en-GB", timezone_id=where_it_is_ten_in_the_evening())
        self.open_history()
        expect(self.rows).to_have_count(len(EVENING))
        expect(self.page.locator(".card")).to_have_count(3)
        self.page.screenshot(path=SCREENSHOT)
