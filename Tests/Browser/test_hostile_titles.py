from playwright.sync_api import expect

from console_test import ConsoleTest, history, without_tokens
from viewing import Viewing

TITLES = [
    '<img src=x onerror="alert(1)">',
    '"><script>alert(2)</script>',
    "</bdi></p><style>*{display:none}</style>",
    "\u202egnihctaw\u202c مسلسل 'עברית'",
    "W" * 256,
    "a/b?c#d%2F&e=f+g",
    "{{7*7}} ${alert(3)}",
]


@without_tokens
class HostileTitlesTest(ConsoleTest):
    def test_shown_as_they_are(self):
        self.open_history()
        for title in TITLES:
            Viewing(self.member, title).watch(minutes=10)
        expect(self.rows).to_have_count(len(TITLES))
        for selector in (".session .title", ".card .title"):
            expect(self.page.locator(selector)).to_have_count(len(TITLES))
            self.assertCountEqual(self.page.locator(selector).all_text_contents(), TITLES)
        expect(self.page.locator("main img, main script, main style")).to_have_count(0)
        self.assertLessEqual(*self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]"))

    def test_hidden_as_they_are(self):
        for title in TITLES:
            Viewing(self.member, title).watch(minutes=10)
        self.open_history()
        expect(self.rows).to_have_count(len(TITLES))
        for left in reversed(range(len(TITLES))):
            self.rows.first.get_by_role("button").click()
            expect(self.rows).to_have_count(left)
            with self.page.expect_response(lambda response: response.request.method == "DELETE") as deletion:
                self.page.keyboard.press("Escape")
            self.assertEqual(deletion.value.status, 204)
        self.assertEqual(history(self.member), [])

    def test_no_request_climbs_out_of_its_path(self):
        for title in (".", ".."):
            Viewing(self.member, title).watch(minutes=10)
        self.open_history()
        expect(self.rows).to_have_count(2)
        for number in range(2):
            self.rows.nth(number).get_by_role("button").click()
            expect(self.page.get_by_role("alert")).to_contain_text("A browser cannot ask for")
        expect(self.rows).to_have_count(2)
        self.assertEqual(self.deletions(), [])
