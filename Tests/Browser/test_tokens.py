import base64
import json
import os
import unittest

from playwright.sync_api import expect

from console_test import MEMBER_TOKEN, QUERY_URL, ConsoleTest
from viewing import Viewing

OTHER_TOKEN = os.environ.get("OTHER_TOKEN")
OPS_TOKEN = os.environ.get("OPS_TOKEN")

STORED = """async () => ({
    session: Object.keys(sessionStorage), local: Object.keys(localStorage), cookies: document.cookie,
    databases: (await indexedDB.databases()).length, caches: window.caches ? (await caches.keys()).length : 0,
})"""


def subject(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]


@unittest.skipUnless(MEMBER_TOKEN, "the servers ask for no tokens")
class TokensTest(ConsoleTest):
    def tearDown(self):
        super().tearDown()
        for token in filter(None, (MEMBER_TOKEN, OTHER_TOKEN, OPS_TOKEN)):
            self.assertFalse([request.url for request in self.requests if token in request.url])
            self.assertNotIn(token, self.page.url)

    def give(self, token):
        self.page.get_by_label("Access token").fill(token)
        self.page.get_by_role("button", name="Use token").click()

    def test_without_a_token_the_form_is_asked_for(self):
        self.page.goto(QUERY_URL)
        expect(self.page.get_by_role("heading", name="A token is needed")).to_be_visible()
        self.give("no\ntoken, not at all")
        expect(self.page.get_by_role("alert")).to_have_text("This is not a token.")

    def test_the_member_of_the_token_is_shown_live(self):
        self.page.goto(QUERY_URL)
        self.give(MEMBER_TOKEN)
        expect(self.page.get_by_text("Live", exact=True)).to_be_visible()
        expect(self.page.get_by_label("Member")).to_have_value(subject(MEMBER_TOKEN))
        title = f"Quiet Rivers {self.member}"
        Viewing(subject(MEMBER_TOKEN), title, token=MEMBER_TOKEN).watch(minutes=10)
        expect(self.row(title)).to_be_visible()

        self.assertEqual(
            self.page.evaluate(STORED),
            {"session": ["playhead.token"], "local": [], "cookies": "", "databases": 0, "caches": 0},
        )
        self.page.get_by_role("button", name="Forget token").click()
        expect(self.page.get_by_role("heading", name="A token is needed")).to_be_visible()
        self.assertEqual(self.page.evaluate(STORED)["session"], [])

    @unittest.skipUnless(OTHER_TOKEN, "OTHER_TOKEN is not set")
    def test_the_token_of_another_member_is_refused(self):
        self.page.goto(f"{QUERY_URL}/#/history/{subject(MEMBER_TOKEN)}")
        expect(self.page.get_by_role("heading", name="A token is needed")).to_be_visible()
        with self.page.expect_response(lambda response: response.status == 403) as refusal:
            self.give(OTHER_TOKEN)
        expect(self.page.get_by_role("alert")).to_have_text(refusal.value.json()["detail"])
        expect(self.rows).to_have_count(0)

    @unittest.skipUnless(OPS_TOKEN, "OPS_TOKEN is not set")
    def test_the_pipeline_is_for_operators(self):
        self.page.goto(f"{QUERY_URL}/#/pipeline")
        self.give(MEMBER_TOKEN)
        expect(self.page.get_by_role("alert")).not_to_be_empty()
        expect(self.page.get_by_role("heading", name="Dead letters")).to_be_hidden()
        self.new_page()
        self.page.goto(f"{QUERY_URL}/#/pipeline")
        self.give(OPS_TOKEN)
        expect(self.page.get_by_role("heading", name="Dead letters")).to_be_visible()
