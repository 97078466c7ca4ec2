from playwright.sync_api import expect

from cable import Cable
from console_test import QUERY_URL, ConsoleTest, without_tokens
from viewing import Viewing


@without_tokens
class ReconnectionTest(ConsoleTest):
    def setUp(self):
        super().setUp()
        self.cable = Cable(QUERY_URL)
        self.addCleanup(self.cable.close)
        self.viewing = Viewing(self.member, "Quiet Rivers").watch(minutes=9)

    def test_what_was_missed_is_there_when_the_network_is_back(self):
        self.open_history(self.cable.url)
        expect(self.row("Quiet Rivers")).to_contain_text("at 9:00")
        self.cable.cut()
        expect(self.page.get_by_text("Reconnecting…")).to_be_visible()
        self.viewing.report("progress", minute=21)
        Viewing(self.member, "Harbour Lights").watch(minutes=10)
        self.cable.mend()
        expect(self.page.get_by_text("Live", exact=True)).to_be_visible()
        expect(self.row("Quiet Rivers")).to_contain_text("at 21:00")
        expect(self.row("Harbour Lights")).to_be_visible()

    def test_a_service_that_is_away_at_first_is_waited_for(self):
        self.page.goto(self.cable.url)
        expect(self.page.get_by_label("Member")).to_be_visible()
        self.cable.cut()
        self.page.get_by_label("Member").fill(self.member)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("alert")).to_have_text("The service cannot be reached. Trying again…")
        self.cable.mend()
        expect(self.row("Quiet Rivers")).to_be_visible()
        expect(self.page.get_by_role("alert")).to_be_hidden()
