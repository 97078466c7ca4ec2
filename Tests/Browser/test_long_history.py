from playwright.sync_api import expect

from console_test import ConsoleTest, without_tokens
from viewing import Viewing, ago, send

COUNT = 120


@without_tokens
class LongHistoryTest(ConsoleTest):
    def setUp(self):
        super().setUp()
        self.titles = [f"Film {number:03}" for number in range(COUNT)]
        send([Viewing(self.member, title, started=ago(hours=4 * number)).event("start", 0) for number, title in enumerate(self.titles, 1)])
        self.open_history()
        expect(self.rows.first).to_be_visible()

    def test_scrolling_shows_all(self):
        shown = self.rows.count()
        self.assertLess(shown, COUNT)
        while shown < COUNT:
            self.rows.last.scroll_into_view_if_needed()
            expect(self.rows.nth(shown)).to_be_attached()
            shown = self.rows.count()
        self.assertEqual(self.page.locator(".session .title").all_text_contents(), self.titles)
        expect(self.page.get_by_role("button", name="Load more")).to_be_hidden()

    def test_search_looks_further_back(self):
        search = self.page.get_by_label("Search titles")
        search.fill("film 119")
        expect(self.rows).to_have_count(1)
        expect(self.row("Film 119")).to_be_visible()
        expect(self.page.get_by_text("1 found.")).to_be_visible()
        search.fill("no such film")
        expect(self.page.get_by_text("Nothing found.")).to_be_visible()
        search.fill("")
        expect(self.row("Film 000")).to_be_visible()

    def test_by_keyboard_alone(self):
        self.press_tab_until("Skip to content")
        self.page.keyboard.press("Enter")
        self.press_tab_until("Hide Film 000")
        self.page.keyboard.press("Enter")
        expect(self.row("Film 000")).to_have_count(0)
        self.page.keyboard.press("Tab")
        expect(self.undo).to_be_focused()
        self.page.keyboard.press("Enter")
        expect(self.row("Film 000").get_by_role("button")).to_be_focused()
        self.assertEqual(self.deletions(), [])

    def press_tab_until(self, name):
        for _ in range(50):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent") == name:
                return
        self.fail(f"{name} cannot be reached by Tab")
