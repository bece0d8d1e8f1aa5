"""
What a test of a page in the browser looks at: console, axe, reflow, targets; keeps pictures.
A slow machine is waited for: nothing is looked at before the page has loaded.

    @pytest.mark.browser
    def test_something(page, live_server, watch):
        page.goto(live_server.url + "/patients/")
        assert_page_is_sound(page, "patients")
        assert watch == []
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Locator, Page, Route

PICTURES = Path("test-results/screens")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Targets below 24 px: neither links inside a sentence nor what is only read aloud count.
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((e) => {
    const r = e.getBoundingClientRect();
    if (!r.width || e.type === "hidden" || e.matches(".skip") || e.closest(".sr")) return false;
    if (["checkbox", "radio"].includes(e.type) && e.closest("label")) return false;
    if (e.matches("p a, li a, dd a") && getComputedStyle(e).display === "inline") return false;
    return r.height < 23.5 || r.width < 23.5;
  })
  .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture
def watch(page: Page) -> list[str]:
    """Errors and warnings of the console; must stay empty, which also proves the CSP."""
    said: list[str] = []
    page.on(
        "console",
        lambda m: said.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: said.append(f"pageerror: {error}"))
    return said


def sign_in(page: Page, live_server: Any, user: Any) -> None:
    """Give the browser the session of a user, without walking through the sign-in page."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])


def follow(link: Locator) -> None:
    """Press a link or button that leads to another page, and wait until that page has loaded."""
    with link.page.expect_navigation():
        link.click()


def follow_keys(page: Page, *keys: str) -> None:
    """Press keys of which the last leads to another page, and wait until that page has loaded."""
    with page.expect_navigation():
        for key in keys:
            page.keyboard.press(key)


def hold_back(page: Page, pattern: str, sends: str = "") -> Callable[[], None]:
    """
    Keep answers from the page until what is returned is called: the clock has no say.

    :param sends: what those have in their form that are held
    """
    waiting: list[Route] = []
    free = False

    def hold(route: Route) -> None:
        if free or sends not in (route.request.post_data or ""):
            route.continue_()
        else:
            waiting.append(route)

    def let_go() -> None:
        nonlocal free
        free = True
        for route in waiting:
            route.continue_()

    page.route(pattern, hold)
    return let_go


def answered(page: Page, sends: str) -> AbstractContextManager[object]:
    """Wait until what is done here is answered: `sends` stands in the form that is sent."""
    return page.expect_response(lambda answer: sends in (answer.request.post_data or ""))


def settle(page: Page) -> None:
    """Wait until the page stands still: all of it is read, its style and its letters are here."""
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready.then(() => null)")


def resize(page: Page, width: int, height: int) -> None:
    """Give the page another size, and wait until it has it."""
    page.set_viewport_size({"width": width, "height": height})
    has_it = "([width, height]) => innerWidth === width && innerHeight === height"
    page.wait_for_function(has_it, arg=[width, height])


def assert_accessible(page: Page, within: str | None = None) -> None:
    """Axe finds nothing, by WCAG 2.2 AA and best practice; `within` looks at a part only."""
    settle(page)
    found = Axe().run(page, context=within, options={"runOnly": RULES}).response["violations"]
    faults = [
        (v["id"], v["impact"], [(n["target"], n["failureSummary"]) for n in v["nodes"]][:4])
        for v in found
    ]
    assert not faults, json.dumps(faults, indent=1)


def assert_no_sideways_scroll(page: Page, *, width: int = 320) -> None:
    """The page fits a width of 320 px (WCAG 1.4.10)."""
    before = page.viewport_size or {"width": 1440, "height": 900}
    settle(page)
    resize(page, width, 800)
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    resize(page, before["width"], before["height"])
    assert beyond <= 0, f"{page.url} is {beyond} px wider than {width} px"


def assert_targets_are_large(page: Page) -> None:
    """Whatever is pressed is 24 px or more in both directions (WCAG 2.5.8)."""
    settle(page)
    small = page.evaluate(SMALL_TARGETS)
    assert small == [], small


def picture(page: Page, name: str, *, full: bool = False) -> Path:
    """Keep a screenshot as a file of the test run."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    settle(page)
    # Hiding the caret would leave style attributes behind, which the CSP then hears of.
    page.screenshot(path=path, full_page=full, animations="disabled", caret="initial")
    return path


def assert_page_is_sound(page: Page, name: str) -> None:
    """All of the above, light and dark; keeps a picture of each."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert_accessible(page)
        picture(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert_targets_are_large(page)
    assert_no_sideways_scroll(page)
