from pathlib import Path

from playwright.sync_api import expect

from console_test import ConsoleTest, without_tokens
from viewing import Viewing


@without_tokens
class ExportTest(ConsoleTest):
    def test_downloads_a_file_of_each_format(self):
        Viewing(self.member, "Quiet Rivers").watch(minutes=10)
        self.open_history()
        expect(self.row("Quiet Rivers")).to_be_visible()
        for name in ("csv", "ndjson"):
            with self.page.expect_download() as download:
                self.page.get_by_role("button", name=f"Export {name.upper()}").click()
            self.assertEqual(download.value.suggested_filename, f"history-{self.member}.{name}")
            self.assertIn("Quiet Rivers", Path(download.value.path()).read_text(encoding="utf-8"))
