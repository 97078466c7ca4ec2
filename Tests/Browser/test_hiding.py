from datetime import timedelta

from playwright.sync_api import expect

from console_test import QUERY_URL, ConsoleTest, history, without_tokens
from viewing import Viewing, ago


@without_tokens
class HidingTest(ConsoleTest):
    def setUp(self):
        super().setUp()
        self.viewing = Viewing(self.member, "Quiet Rivers").watch(minutes=10)
        self.open_history()
        expect(self.row("Quiet Rivers")).to_be_visible()

    def test_undo_sends_nothing(self):
        self.hide("Quiet Rivers")
        expect(self.rows).to_have_count(0)
        expect(self.card("Quiet Rivers")).to_have_count(0)
        self.undo.click()
        expect(self.row("Quiet Rivers")).to_be_visible()
        expect(self.card("Quiet Rivers")).to_be_visible()
        self.page.reload()
        expect(self.row("Quiet Rivers")).to_be_visible()
        self.assertEqual(self.deletions(), [])

    def test_hidden_is_hidden_until_watched_again(self):
        with self.page.expect_response(lambda response: response.request.method == "DELETE") as deletion:
            self.hide("Quiet Rivers")
            expect(self.rows).to_have_count(0)
        self.assertEqual(deletion.value.status, 204)
        expect(self.undo).to_be_hidden()
        self.page.reload()
        expect(self.page.get_by_text("Nothing to show.")).to_be_visible()

        # Events of a member are applied in order, so once the second title is here the late event was seen.
        self.viewing.report("progress", minute=20)
        Viewing(self.member, "Harbour Lights").watch(minutes=10)
        expect(self.row("Harbour Lights")).to_be_visible()
        expect(self.row("Quiet Rivers")).to_have_count(0)

        Viewing(self.member, "Quiet Rivers", started=ago() + timedelta(minutes=1)).watch(minutes=5)
        expect(self.row("Quiet Rivers")).to_have_count(1)
        expect(self.row("Quiet Rivers")).to_contain_text("at 5:00")

    def test_the_next_hiding_sends_the_one_before(self):
        Viewing(self.member, "Harbour Lights").watch(minutes=10)
        expect(self.row("Harbour Lights")).to_be_visible()
        self.hide("Quiet Rivers")
        with self.page.expect_request(lambda request: request.method == "DELETE") as deletion:
            self.hide("Harbour Lights")
        self.assertTrue(deletion.value.url.endswith("/history/Quiet%20Rivers"))
        self.undo.click()
        expect(self.page.locator(".session .title")).to_have_text(["Harbour Lights"])

    def test_leaving_sends_it(self):
        self.hide("Quiet Rivers")
        with self.page.expect_request(lambda request: request.method == "DELETE"):
            self.page.get_by_role("link", name="Pipeline").click()
        expect(self.page.get_by_role("heading", name="Pipeline")).to_be_visible()
        self.open_history()
        expect(self.page.get_by_text("Nothing to show.")).to_be_visible()

    def test_closing_the_page_sends_it(self):
        self.hide("Quiet Rivers")
        self.page.close(run_before_unload=True)
        self.new_page()
        self.open_history()
        expect(self.page.get_by_text("Nothing to show.")).to_be_visible()

    def test_a_refusal_brings_the_rows_back(self):
        problem = '{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The database rests."}'
        answer = {"status": 503, "content_type": "application/problem+json", "body": problem}
        self.page.route(f"{QUERY_URL}/v1/**", lambda route: route.fulfill(**answer) if route.request.method == "DELETE" else route.continue_())
        self.hide("Quiet Rivers")
        expect(self.rows).to_have_count(0)
        self.page.keyboard.press("Escape")
        expect(self.row("Quiet Rivers")).to_be_visible()
        expect(self.page.get_by_role("alert")).to_have_text("Not hidden. The database rests.")

    def test_out_of_the_row_but_not_out_of_the_history(self):
        self.card("Quiet Rivers").get_by_role("button").click()
        expect(self.card("Quiet Rivers")).to_have_count(0)
        with self.page.expect_response(lambda response: response.request.method == "DELETE") as deletion:
            self.page.keyboard.press("Escape")
        self.assertEqual(deletion.value.status, 204)
        expect(self.row("Quiet Rivers")).to_be_visible()
        self.page.reload()
        expect(self.row("Quiet Rivers")).to_be_visible()
        expect(self.card("Quiet Rivers")).to_have_count(0)

    def test_hide_all_asks_first(self):
        hide_all = self.page.get_by_role("button", name="Hide all…")
        hide_all.click()
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_be_hidden()
        expect(self.row("Quiet Rivers")).to_be_visible()
        hide_all.click()
        self.page.get_by_role("button", name="Hide all", exact=True).click()
        expect(self.page.get_by_text("Nothing to show.")).to_be_visible()
        self.assertEqual(history(self.member), [])
