from playwright.sync_api import expect

from console_test import ConsoleTest, without_tokens
from viewing import Viewing, ago


@without_tokens
class LiveTest(ConsoleTest):
    def test_what_is_watched_appears_and_moves_without_a_reload(self):
        self.open_history()
        expect(self.page.get_by_text("Nothing to show.")).to_be_visible()
        self.page.evaluate("window.neverReloaded = true")

        viewing = Viewing(self.member, "Quiet Rivers").watch(minutes=9)
        expect(self.row("Quiet Rivers")).to_contain_text("at 9:00 of 1:30:00")
        expect(self.page.get_by_text("Nothing to show.")).to_be_hidden()

        viewing.report("progress", minute=63)
        expect(self.row("Quiet Rivers")).to_contain_text("at 1:03:00 of 1:30:00")
        expect(self.row("Quiet Rivers")).to_contain_text("watched 1 h 3 min")
        expect(self.row("Quiet Rivers").get_by_role("progressbar")).to_have_js_property("value", 0.7)
        expect(self.card("Quiet Rivers")).to_contain_text("1:03:00 of 1:30:00")
        expect(self.card("Quiet Rivers").get_by_role("progressbar")).to_have_js_property("value", 0.7)

        viewing.report("complete", minute=90)
        expect(self.row("Quiet Rivers")).to_contain_text("Completed")
        expect(self.card("Quiet Rivers")).to_have_count(0)
        self.assertTrue(self.page.evaluate("window.neverReloaded"))

    def test_newest_first_by_day(self):
        Viewing(self.member, "Harbour Lights", started=ago(days=3)).watch(minutes=10)
        self.open_history()
        expect(self.row("Harbour Lights")).to_be_visible()
        Viewing(self.member, "Quiet Rivers", started=ago(days=1)).watch(minutes=10)
        expect(self.page.locator(".session .title")).to_have_text(["Quiet Rivers", "Harbour Lights"])
        expect(self.page.get_by_role("heading", name="Yesterday")).to_be_visible()

    def test_another_member_shows_nothing_of_the_former(self):
        Viewing(self.member, "Quiet Rivers").watch(minutes=10)
        self.open_history()
        expect(self.row("Quiet Rivers")).to_be_visible()
        self.page.get_by_label("Member").fill(f"{self.member}/other?")
        with self.page.expect_event("requestfailed", lambda request: request.url.endswith("/live")):
            self.page.get_by_role("button", name="Show").click()
        expect(self.page.get_by_text("Nothing to show.")).to_be_visible()
        Viewing(self.member, "Quiet Rivers").watch(minutes=20)
        Viewing(f"{self.member}/other?", "Harbour Lights").watch(minutes=10)
        expect(self.page.locator(".session .title")).to_have_text(["Harbour Lights"])
