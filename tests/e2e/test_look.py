"""The parts of the look in a real browser, on the gallery page: rules of accessibility, the policy, the behaviours."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from tests import factories

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(context: BrowserContext, page: Page, live_server) -> Page:
    """The gallery, opened by a responder in Berlin; fails the test when anything breaks the policy or throws."""
    client = Client()
    client.force_login(factories.person("Maya Okafor"))
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.emulate_media(color_scheme="light")
    page.goto(live_server.url + reverse("gallery"))
    return page


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_and_nothing_sticks_out(page: Page, theme: str, width: int):
    page.set_viewport_size({"width": width, "height": 850})
    page.emulate_media(color_scheme=theme)
    expect(page.locator("#charts .plot.drawn")).to_be_visible()
    assert [found["id"] for found in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_charts_are_drawn_under_the_strict_policy_and_follow_the_theme(page: Page):
    bars = page.locator("#charts .plot .point path")
    expect(bars.first).to_be_visible()
    month = page.locator("#charts .plot .xtick text").first
    light = month.evaluate("text => text.style.fill")
    page.emulate_media(color_scheme="dark")
    expect(month).not_to_have_css("fill", light)


def test_the_theme_is_switched_by_keyboard_and_kept(page: Page):
    light = background(page)
    page.get_by_label("As the system").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Dark", exact=True)).to_be_checked()
    dark = background(page)
    assert dark != light
    page.reload()
    assert background(page) == dark
    expect(page.get_by_label("Dark", exact=True)).to_be_checked()


def test_copy_puts_the_text_on_the_clipboard(page: Page):
    page.locator("#controls .copy").nth(1).get_by_role("button", name="Copy").click()
    expect(page.locator("#live-polite")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == (
        "https://seamline.example.org/hooks/alertmanager/9f2cab10c5d24d7b8f/"
    )


def test_the_server_learns_the_time_zone(page: Page):
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    assert cookies["tz"] == "Europe/Berlin"


def test_a_dependent_field_shows_only_for_its_choice(page: Page):
    field = page.locator("#forms [data-shows] textarea")
    expect(field).to_be_visible()
    page.locator("input[name=wrong-level][value=sev1]").check()
    expect(field).to_be_hidden()
    expect(field).to_be_disabled()


def test_keys_work_but_not_while_typing(page: Page):
    page.locator("#forms input[name=plain-title]").press("n")
    expect(page).not_to_have_url(re.compile("#timeline$"))
    page.locator("#forms input[name=plain-title]").blur()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("#timeline$"))


def test_errors_have_the_focus_when_the_page_opens(page: Page):
    expect(page.locator(".error-summary")).to_be_focused()


def test_ages_stay_true_in_the_words_of_the_server(page: Page):
    words = page.evaluate("document.querySelector('#marks time[data-since]').textContent")
    assert words == "6 min"
    page.clock.install()
    page.reload()
    page.clock.fast_forward("02:00")
    expect(page.locator("#marks time[data-since]").first).to_have_text("8 min")


def test_without_scripts_there_is_no_dead_control(page: Page, live_server):
    context = page.context.browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(live_server.url + reverse("gallery"))
    expect(plain.locator(".theme")).to_be_hidden()
    expect(plain.get_by_role("button", name="Copy")).to_have_count(0)
    expect(plain.locator("#charts .plot-fallback")).to_be_visible()
