from playwright.sync_api import expect

from console_test import ConsoleTest, without_tokens
from viewing import Viewing


@without_tokens
class PipelineTest(ConsoleTest):
    def test_numbers_move_while_events_flow(self):
        self.open_pipeline()
        rate = self.page.locator(".chart").filter(has_text="Events per second").locator(".value")
        line = self.page.locator(".chart path").first
        before = line.get_attribute("d")
        # The rate is an average over a while, so events flow until it shows.
        for _ in range(60):
            Viewing(self.member, "Quiet Rivers").watch(minutes=10)
            if rate.text_content() not in ("0", "–"):
                break
            with self.page.expect_response("**/v1/ops/pipeline"):
                pass
        self.assertNotIn(rate.text_content(), ("0", "–"))
        expect(line).not_to_have_attribute("d", before)

        expect(self.page.get_by_role("region", name="Streams").locator("tbody tr")).to_have_count(16)
        expect(self.page.get_by_role("region", name="Replicas").locator("tbody tr").first).to_be_visible()
        expect(self.page.locator("[data-part=deadLetters]")).to_have_text("0")
        expect(self.page.locator("[data-part=redisUsed]")).to_contain_text("B")

    def test_says_when_the_service_is_away(self):
        self.open_pipeline()
        self.page.route("**/v1/ops/pipeline", lambda route: route.abort())
        expect(self.page.get_by_role("alert")).to_have_text("The service cannot be reached. Trying again…")
        self.page.unroute("**/v1/ops/pipeline")
        expect(self.page.get_by_role("alert")).to_be_hidden()
