"""The search box by keyboard alone: a key opens it, arrows go through it, Escape leaves; and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from incidents.response import lifecycle
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.e2e.conftest import Opened, faults
from tests.factories import NOON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def incident(maya: Person) -> Incident:
    made = make.incident("Wombats in every answer", by=maya, service=make.service("Support answers"))
    lifecycle.note(made, text="The <wombat> filter was off.", by=maya, now=NOON)
    return made


def test_by_keyboard_alone(browser_of: Opened, maya: Person, incident: Incident) -> None:
    page = browser_of(maya)
    page.goto("/")
    box, found = page.locator("#search-box"), page.locator("#suggestions")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("womb")
    expect(found).to_contain_text("Wombats in every answer")
    expect(found.locator("mark").first).to_have_text("Wombats")
    expect(box).to_be_focused()
    expect(page.locator("#live-polite")).to_contain_text("Found: incidents 1, timelines 1")
    assert faults(page, 1280) == []

    page.keyboard.press("ArrowDown")
    expect(found.get_by_role("link").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(found).to_be_empty()
    expect(box).not_to_be_focused()

    page.keyboard.press("/")
    page.keyboard.type("wombat filter")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=wombat\+filter$"))
    expect(page.get_by_text("The <wombat> filter was off")).to_be_visible()
    assert faults(page, 1280) == []

    page.keyboard.press("/")
    page.keyboard.type(incident.ref)
    expect(found).to_contain_text(f"Go to {incident.ref}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Wombats in every answer")).to_be_visible()


def test_the_key_never_steals_typing(browser_of: Opened, maya: Person, incident: Incident) -> None:
    page = browser_of(maya)
    page.goto(f"/incidents/{incident.pk}/")
    note = page.locator("textarea").first
    note.focus()
    page.keyboard.type("either/or")
    expect(note).to_have_value("either/or")
    expect(note).to_be_focused()
    page.locator("#search-box").focus()
    page.keyboard.type("a/b")
    expect(page.locator("#search-box")).to_have_value("a/b")


def test_escape_gives_back_where_one_was(browser_of: Opened, maya: Person, incident: Incident) -> None:
    page = browser_of(maya)
    page.goto("/")
    link = page.get_by_role("link", name="Wombats in every answer")
    link.focus()
    page.keyboard.press("/")
    expect(page.locator("#search-box")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_on_a_phone(browser_of: Opened, maya: Person, incident: Incident) -> None:
    page = browser_of(maya)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    page.get_by_role("link", name="Search", exact=True).click()
    again = page.get_by_label("Search for")
    expect(again).to_be_focused()
    again.fill("wombat")
    again.press("Enter")
    expect(page.get_by_text("The <wombat> filter was off")).to_be_visible()
    assert faults(page, 390) == []


def test_without_javascript(
    browser: Browser, live_server, browser_of: Opened, maya: Person, incident: Incident
) -> None:
    cookies = browser_of(maya).context.cookies()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page: Page = context.new_page()
    page.goto("/")
    page.locator("#search-box").fill("wombat")
    page.locator("#search-box").press("Enter")
    expect(page.get_by_role("link", name="Wombats in every answer").first).to_be_visible()
    context.close()
