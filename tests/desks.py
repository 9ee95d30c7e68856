"""One role at its browser: log in, open records, press buttons, take pictures."""

import contextlib
import resource
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

OUTPUT = Path(__file__).with_name("output")
DESKTOP = {"width": 1400, "height": 900}
TELEPHONE = {"width": 390, "height": 844}
TIMEOUT = 20_000

expect.set_options(timeout=TIMEOUT)


@contextlib.contextmanager
def chromium():
    """The machine's own Chromium, driven by Playwright."""
    # The host limits the address space of its process; Chromium reserves more than that.
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        yield browser
        browser.close()


class Desk:
    """One role at its browser."""

    def __init__(self, browser, server, login, size=DESKTOP):
        self.server = server
        self.errors = []
        context = browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True
        )
        self.page = context.new_page()
        self.page.set_default_timeout(TIMEOUT)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{server.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", f"{login}-secret")
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "/web/login" not in url)

    def open(self, path):
        self.page.goto(f"{self.server.url}{path}")

    def form(self, action, record):
        """Open a record in the web client and wait until its form stands."""
        self.open(f"/odoo/action-{action}/{record}")
        expect(self.page.locator(".o_form_view .o_form_sheet")).to_be_visible()

    def fill(self, field, text):
        """Type ``text`` into a field of the open form."""
        box = self.page.locator(f"div[name={field}]:visible").locator("input, textarea").first
        box.fill(text)
        box.press("Tab")

    def choose(self, field, text):
        """Choose the record called ``text`` in a field of the open form."""
        self.page.locator(f"div[name={field}] input").first.fill(text)
        found = self.page.locator(".o-autocomplete--dropdown-item")
        found.get_by_text(text, exact=True).first.click()

    def save(self, expected=True):
        """Save the open form; with ``expected`` wait until it is saved."""
        button = self.page.locator("button.o_form_button_save")
        button.click()
        if expected:
            expect(button).not_to_be_visible()

    def dismiss(self):
        """Close the message on the screen."""
        close = ".o_notification_close, .modal .btn-close, .modal .modal-footer .btn"
        self.page.locator(close).first.click()

    def press(self, name):
        """Press the button that calls ``name`` and confirm the question it may ask."""
        self.page.locator(f"button[name='{name}']:visible").first.click()
        self.page.wait_for_timeout(500)
        assert not self.page.locator(".o_error_dialog").count(), self.page.inner_text(".modal")
        question = self.page.locator(".modal .modal-footer .btn-primary")
        if question.count() and not self.page.locator(".modal .o_form_view").count():
            question.first.click()

    def shoot(self, name):
        self.page.wait_for_timeout(800)
        self.page.screenshot(path=OUTPUT / f"case_{name}.png")

    def close(self):
        self.page.context.close()
        assert not self.errors, self.errors
