from playwright.sync_api import expect

from console_test import ConsoleTest, without_tokens
from viewing import Viewing

READABLE = 4.5  # WCAG 2 AA

CONTRAST = """selector => {
    const element = document.querySelector(selector);
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [r, g, b] = numbers(colour).map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let behind = element;
    while (numbers(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
    const [dark, light] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
}"""


@without_tokens
class AppearanceTest(ConsoleTest):
    def test_readable_in_light_and_dark(self):
        Viewing(self.member, "Quiet Rivers", runtime_minutes=30).watch(minutes=30)
        Viewing(self.member, "Harbour Lights").watch(minutes=30)
        backgrounds = set()
        for scheme in ("light", "dark"):
            self.new_page(color_scheme=scheme)
            self.open_history()
            expect(self.page.locator(".completed")).to_be_visible()
            for selector in (".brand", "h3", ".facts", ".completed", ".session button", "form button", ".card .place", "input"):
                with self.subTest(scheme=scheme, selector=selector):
                    self.assertGreaterEqual(self.page.evaluate(CONTRAST, selector), READABLE)
            backgrounds.add(self.page.evaluate("getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(backgrounds), 2)

    def test_a_phone_scrolls_in_one_direction(self):
        for title in ("W" * 256, "Quiet Rivers", "Harbour Lights"):
            Viewing(self.member, title).watch(minutes=30)
        for width in (360, 320):
            self.new_page(viewport={"width": width, "height": 740}, has_touch=True)
            self.open_history()
            expect(self.rows).to_have_count(3)
            self.assert_no_horizontal_scroll()
            self.open_pipeline()
            self.assert_no_horizontal_scroll()

    def assert_no_horizontal_scroll(self):
        self.assertLessEqual(*self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]"))
