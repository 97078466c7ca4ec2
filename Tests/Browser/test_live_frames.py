import json

from playwright.sync_api import expect

from console_test import ConsoleTest, without_tokens
from viewing import Viewing


def frames(*frames):
    return "".join(f"id: {number}\nevent: {event}\ndata: {json.dumps(data)}\n\n" for number, (event, data) in enumerate(frames))


@without_tokens
class LiveFramesTest(ConsoleTest):
    """What servers send seldom, from a live stream of the test's own."""

    def setUp(self):
        super().setUp()
        Viewing(self.member, "Quiet Rivers").watch(minutes=9)
        self.open_history()
        expect(self.row("Quiet Rivers")).to_be_visible()
        self.session = {
            "sessionId": "x", "titleId": "Harbour Lights", "startedAt": "2025-11-14T20:15:00.000Z", "lastWatchedAt": "2025-11-14T20:25:00.000Z",
            "positionMs": 600_000, "watchedMs": 600_000, "completed": False, "missingEvents": 2, "approximate": True, "revision": 5,
        }

    def stream(self, *sent):
        """The first connection brings the frames, every further one fails."""
        answers = [{"content_type": "text/event-stream", "body": frames(*sent)}]
        self.page.route("**/history/live", lambda route: route.fulfill(**answers.pop()) if answers else route.abort())
        self.page.reload()

    def test_the_greater_revision_wins(self):
        older = {**self.session, "positionMs": 60_000, "revision": 4}
        self.stream(("session", self.session), ("session", older), ("session", self.session))
        expect(self.row("Harbour Lights")).to_contain_text("at 10:00 · watched 10 min · 2 events missing · approximate")
        expect(self.row("Harbour Lights").get_by_role("progressbar")).to_be_hidden()
        expect(self.row("Quiet Rivers")).to_be_visible()

    def test_hidden_until_watched_later(self):
        hidden = ("hidden", {"titleId": "Harbour Lights", "hiddenUntil": self.session["lastWatchedAt"]})
        later = {**self.session, "lastWatchedAt": "2025-11-14T20:30:00.000Z", "positionMs": 900_000, "revision": 6}
        self.stream(("session", self.session), hidden, ("session", self.session), ("session", {**self.session, "sessionId": "y"}))
        expect(self.row("Quiet Rivers")).to_be_visible()
        expect(self.row("Harbour Lights")).to_have_count(0)
        self.stream(("session", self.session), hidden, ("session", later))
        expect(self.row("Harbour Lights")).to_contain_text("at 15:00")

    def test_progress_beyond_the_runtime(self):
        self.stream(("session", {**self.session, "runtimeMs": 300_000}))
        expect(self.row("Harbour Lights").get_by_role("progressbar")).to_have_js_property("value", 1)

    def test_a_service_that_stops_is_waited_for(self):
        for reason in ("stopping", "too-slow"):
            self.stream(("end", {"reason": reason}))
            expect(self.page.get_by_text("Reconnecting…")).to_be_visible()
            expect(self.row("Quiet Rivers")).to_be_visible()
            expect(self.page.get_by_role("heading", name="A token is needed")).to_be_hidden()

    def test_the_end_of_the_token_asks_for_another_one(self):
        self.stream(("end", {"reason": "token-expired"}))
        expect(self.page.get_by_role("heading", name="A token is needed")).to_be_visible()
        expect(self.page.get_by_role("alert")).to_have_text("The connection ended: the token has expired.")
