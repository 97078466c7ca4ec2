"""A browser with the console in it, for each test a fresh profile and a fresh member."""

import json
import os
import unittest
import urllib.parse
import urllib.request
import uuid

from playwright.sync_api import expect, sync_playwright

QUERY_URL = os.environ.get("QUERY_URL", "http://127.0.0.1:8081")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
MEMBER_TOKEN = os.environ.get("MEMBER_TOKEN")

expect.set_options(timeout=15_000)


class ConsoleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        playwright = sync_playwright().start()
        cls.addClassCleanup(playwright.stop)
        cls.browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.member = f"browser-{uuid.uuid4()}"
        self.requests = []
        self.faults = []
        self.new_page()

    def new_page(self, **options):
        """Whatever a test does, no script may fail, nothing may break the content security policy, no dialog may open."""
        context = self.browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        self.addCleanup(context.close)
        self.page = context.new_page()
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda message: "Content Security Policy" in message.text and self.faults.append(message.text))

    def tearDown(self):
        self.assertEqual(self.faults, [])

    def open_history(self, url=QUERY_URL):
        self.page.goto(f"{url}/#/history/{quoted(self.member)}")
        expect(self.page.get_by_text("Live", exact=True)).to_be_visible()

    def open_pipeline(self):
        self.page.goto(f"{QUERY_URL}/#/pipeline")
        expect(self.page.get_by_role("heading", name="Dead letters")).to_be_visible()

    @property
    def rows(self):
        return self.page.locator(".session")

    def row(self, title):
        return self.rows.filter(has=self.page.locator(".title").get_by_text(title, exact=True))

    def card(self, title):
        return self.page.locator(".card").filter(has_text=title)

    def hide(self, title):
        self.row(title).get_by_role("button").click()

    @property
    def undo(self):
        return self.page.get_by_role("button", name="Undo")

    def deletions(self):
        return [request.url for request in self.requests if request.method == "DELETE"]


def quoted(text):
    return urllib.parse.quote(text, safe="")


def history(member):
    with urllib.request.urlopen(f"{QUERY_URL}/v1/members/{quoted(member)}/history", timeout=10) as response:
        return json.load(response)["items"]


without_tokens = unittest.skipIf(MEMBER_TOKEN, "the servers ask for tokens")
