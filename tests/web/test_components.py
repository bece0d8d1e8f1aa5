"""Every component in a real browser: sound in both themes, and it behaves."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.screens import assert_accessible, assert_page_is_sound, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.web.urls"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def guide(page: Page, live_server) -> Page:
    page.goto(live_server.url + "/styleguide/")
    return page


@pytest.mark.parametrize("path", ["", "paper/", "plain/"])
def test_sound(page, live_server, watch, path):
    page.goto(f"{live_server.url}/styleguide/{path}")
    assert_page_is_sound(page, f"styleguide-{path.strip('/') or 'all'}")
    assert watch == []


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (390, 844)])
def test_sound_on_tablet_and_phone(
    browser: Browser, live_server, browser_context_args: dict[str, Any], width, height
):
    size = {"width": width, "height": height}
    context = browser.new_context(**{**browser_context_args, "viewport": size}, has_touch=True)
    page = context.new_page()
    page.goto(live_server.url + "/styleguide/")
    assert_accessible(page)
    picture(page, f"styleguide-{width}", full=True)
    for button in page.locator("button.btn:visible:not(.sm)").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44, button.inner_text()
    context.close()


def test_a_refused_form_tells_first(page, live_server):
    page.goto(live_server.url + "/styleguide/refused/")
    expect(page.locator("#form-errors")).to_be_focused()
    assert_accessible(page)
    expect(page.locator("#id_amount")).to_have_value("204.005")
    page.locator("#form-errors").get_by_role("link", name="Amount").click()
    expect(page.locator("#id_amount")).to_be_focused()
    expect(page.locator("#id_amount")).to_have_accessible_description(
        "Write at most 2 decimals, like 94.50."
    )


def test_the_theme_is_remembered(guide, live_server, watch):
    guide.locator(".me").click()
    guide.get_by_role("button", name="Light or dark").click()
    expect(guide.locator("html")).to_have_attribute("data-theme", "dark")
    guide.reload()
    expect(guide.locator("html")).to_have_attribute("data-theme", "dark")
    assert watch == []


def test_shortcuts(guide, watch):
    guide.keyboard.press("/")
    expect(guide.locator("#find")).to_be_focused()
    guide.keyboard.type("gp?")
    expect(guide.locator("#find")).to_have_value("gp?")
    guide.locator("h1").click()
    guide.keyboard.press("?")
    expect(guide.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert_accessible(guide)
    guide.keyboard.press("Escape")
    expect(guide.locator("#shortcuts")).to_be_hidden()
    guide.keyboard.press("g")
    guide.keyboard.press("p")
    expect(guide).to_have_url(re.compile("#payments$"))
    guide.keyboard.press("n")
    guide.keyboard.press("p")
    expect(guide).to_have_url(re.compile("#payment_new$"))
    assert watch == []


def test_shortcuts_turned_off(guide):
    guide.evaluate("document.body.dataset.shortcuts = 'off'")
    guide.keyboard.press("?")
    guide.keyboard.press("g")
    guide.keyboard.press("p")
    expect(guide.locator("#shortcuts")).to_be_hidden()
    assert "#" not in guide.url


def test_menus_open_beside_their_button_and_by_keyboard(guide, watch):
    guide.get_by_role("button", name="More actions").focus()
    guide.keyboard.press("Enter")
    menu = guide.locator("#more")
    expect(menu).to_be_visible()
    expect(menu.get_by_role("link", name="Edit details")).to_be_focused()
    guide.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link", name="Merge with another…")).to_be_focused()
    opener = guide.get_by_role("button", name="More actions").bounding_box()
    box = menu.bounding_box()
    assert opener is not None
    assert box is not None
    assert 0 <= box["y"] - (opener["y"] + opener["height"]) < 12
    assert box["x"] + box["width"] <= 1440
    guide.keyboard.press("Escape")
    expect(guide.get_by_role("button", name="More actions")).to_be_focused()
    assert watch == []


def test_the_picker_by_keyboard(guide, watch):
    field = guide.locator("#who")
    field.fill("szy")
    options = guide.locator("#who-list [role=option]")
    expect(options).to_have_count(3)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(field).to_have_attribute("aria-activedescendant", "who-1")
    assert_accessible(guide, "[data-picker]")
    guide.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "who-2")
    guide.keyboard.press("Enter")
    expect(field).to_have_value("Ilona Szymczak")
    expect(guide.locator("[name=patient]")).to_have_value("2")
    expect(guide.locator("#who-list")).to_be_hidden()
    field.press("Backspace")
    expect(guide.locator("[name=patient]")).to_have_value("")
    guide.keyboard.press("Escape")
    expect(guide.locator("#who-list")).to_be_hidden()
    assert watch == []


def test_the_picker_by_mouse_and_the_new_patient(guide):
    guide.locator("#who").fill("ilona")
    guide.get_by_role("option", name="Ilona Szymańska").click()
    expect(guide.locator("[name=patient]")).to_have_value("1")
    guide.locator("#who").fill("Quentin")
    guide.get_by_role("option", name="Create “Quentin” as a new patient").click()
    guide.wait_for_url("**/styleguide/?name=Quentin")


def test_the_picker_without_a_script(browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + "/styleguide/")
    expect(page.get_by_role("button", name="Find")).to_be_visible()
    context.close()


def test_asking_again(guide):
    guide.locator("#void > summary").click()
    box = guide.locator("#void form")
    expect(box).to_be_visible()
    assert_accessible(guide)
    guide.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(guide.locator("#void > summary")).to_be_focused()
    guide.locator("#void > summary").click()
    guide.get_by_role("button", name="Keep it").click()
    expect(box).to_be_hidden()


def test_a_form_goes_once(guide):
    # Counted where the browser would send it, which sends the last of three by itself.
    sent = guide.evaluate(
        """() => {
          let sent = 0;
          addEventListener("submit", (event) => {
            if (!event.defaultPrevented) sent += 1;
            event.preventDefault();
          });
          const form = document.querySelector("form[data-main]");
          for (const _ of [1, 2, 3]) form.requestSubmit();
          return sent;
        }"""
    )
    assert sent == 1


def test_when_the_server_does_not_answer(guide):
    guide.route("**/styleguide/matches/**", lambda route: route.abort())
    guide.locator("#who").fill("szy")
    expect(guide.locator("#toasts .toast.bad")).to_contain_text("Nothing was saved; try again")
    guide.get_by_role("button", name="Dismiss").last.click()
    expect(guide.locator("#toasts .toast")).to_have_count(0)


def test_paper_prints_light_and_without_the_frame(page, live_server):
    page.goto(live_server.url + "/styleguide/paper/")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator("aside")).to_be_hidden()
    expect(page.locator(".doc")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    ink = page.evaluate("getComputedStyle(document.querySelector('.doc')).color")
    assert ink == "rgb(0, 0, 0)"
