"""The board by keyboard alone, and kept fresh without taking anything from whoever looks at it."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from incidents.response import lifecycle
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.e2e.conftest import Opened, faults

pytestmark = pytest.mark.django_db(transaction=True)

LOOK = "htmx.trigger('#live', 'look')"  # what the page does every 15 seconds
FOCUSED = "document.activeElement.textContent"


@pytest.fixture
def maya(live_server) -> Person:
    """She and Jonas, and three incidents of a service that Jonas answers for; the newest is on top."""
    maya, jonas = make.person("Maya Okafor"), make.person("Jonas Lind")
    service = make.service("Support answers", owner=jonas)
    for title in ("Wrong tenant cited", "Answers are slow", "Answers time out"):
        make.incident(title, by=jonas, service=service, severity="sev2", now=timezone.now())
    return maya


def found(title: str) -> Incident:
    return Incident.objects.get(title=title)


def top_of(page: Page, title: str) -> float:
    box = page.get_by_role("row", name=title).bounding_box()
    assert box is not None
    return box["y"]


def fresh(page: Page) -> None:
    """The board asks now, and what came is there."""
    with page.expect_response(re.compile("/board/live/")):
        page.evaluate(LOOK)


def test_by_keyboard_alone(maya: Person, browser_of: Opened) -> None:
    page = browser_of(maya)
    page.goto("/")
    for key in "jj":
        page.keyboard.press(key)
    assert page.evaluate(FOCUSED) == "Answers are slow"
    page.keyboard.press("k")
    assert page.evaluate(FOCUSED) == "Answers time out"

    page.keyboard.press("a")
    expect(page.get_by_role("row", name="Answers time out")).to_contain_text("Maya Okafor has the ball")
    expect(page.locator("#messages")).to_contain_text("Acknowledged: INC-")
    assert page.evaluate(FOCUSED) == "Answers time out"
    expect(page.locator("#bulk")).to_be_hidden()

    for key in "xjx":
        page.keyboard.press(key)
    expect(page.locator("#bulk")).to_contain_text("2 ticked")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Resolve 2 incidents")).to_be_visible()
    assert faults(page, 1280) == []
    page.get_by_label("What failed?").focus()
    page.keyboard.type("Data")
    page.get_by_role("button", name="Resolve").press("Enter")
    expect(page.locator("#messages")).to_contain_text("Resolved: INC-")
    assert Incident.objects.filter(resolved_at=None).count() == 1

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert faults(page, 1280) == []
    page.keyboard.press("j")  # rests while the list of keys is open
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Wrong tenant cited")).to_be_visible()


def test_r_on_one_leads_to_its_own_form_and_keys_rest_while_typing(maya: Person, browser_of: Opened) -> None:
    page = browser_of(maya)
    page.goto("/?from=2026-01-01&period=days")
    page.get_by_label("from", exact=True).focus()
    page.keyboard.press("j")
    expect(page.locator("#by-from")).to_be_focused()
    page.locator(".row-link").first.focus()
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile(rf"/incidents/{found('Answers time out').pk}/resolve/"))


def test_what_comes_takes_nothing_from_the_reader(maya: Person, browser_of: Opened) -> None:
    jonas = Person.objects.get(name="Jonas Lind")
    for number in range(30):
        make.incident(f"Older {number:02}", by=jonas, severity="sev3", service=found("Answers are slow").service)
    page = browser_of(maya)
    page.goto("/")
    page.get_by_role("link", name="Older 15").focus()
    page.evaluate("scrollBy(0, 120)")
    before = top_of(page, "Older 15")
    page.evaluate("document.activeElement.mark = 'the same element'")

    make.incident("A new one", by=jonas, severity="sev1")
    lifecycle.resolve(found("Older 20"), by=jonas, now=timezone.now())
    lifecycle.set_severity(found("Older 15"), severity="sev2", by=jonas, now=timezone.now())
    fresh(page)
    expect(page.get_by_role("row", name="A new one")).to_have_count(1)
    expect(page.get_by_role("row", name="Older 20")).to_have_count(0)
    expect(page.get_by_role("row", name="Older 15")).to_contain_text("SEV2")
    expect(page.locator("#board-head")).to_contain_text("33 open")
    expect(page.locator("#live-polite")).to_have_text("New: A new one")
    assert page.evaluate(FOCUSED) == "Older 15"
    assert page.evaluate("document.activeElement.mark") == "the same element"
    assert abs(top_of(page, "Older 15") - before) <= 1

    lifecycle.resolve(found("Older 15"), by=jonas, now=timezone.now())
    fresh(page)
    expect(page.locator("tr[data-gone]")).to_contain_text("Older 15")
    assert page.evaluate(FOCUSED) == "Older 15"
    assert abs(top_of(page, "Older 15") - before) <= 1
    page.keyboard.press("j")
    make.incident("Another", by=jonas, severity="sev4")
    fresh(page)
    expect(page.get_by_role("row", name="Older 15")).to_have_count(0)
    assert faults(page, 1280) == []


def test_while_somebody_ticks_nothing_moves(maya: Person, browser_of: Opened) -> None:
    page = browser_of(maya)
    page.goto("/")
    page.get_by_label(f"Tick {found('Answers are slow').ref}").check()
    make.incident("A new one", severity="sev1")
    fresh(page)
    expect(page.locator("[data-held]")).to_be_visible()
    expect(page.get_by_role("row", name="A new one")).to_have_count(0)
    assert faults(page, 1280) == []
    page.get_by_role("button", name="Show now").click()
    expect(page.get_by_role("row", name="A new one")).to_have_count(1)
    expect(page.get_by_label(f"Tick {found('Answers are slow').ref}")).to_be_checked()
    expect(page.locator("[data-held]")).to_be_hidden()


def test_nothing_is_asked_in_the_background_and_a_lost_server_is_said_calmly(maya: Person, browser_of: Opened) -> None:
    page = browser_of(maya)
    page.goto("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    page.evaluate(LOOK)
    page.evaluate("delete document.hidden")
    fresh(page)
    assert len([url for url in asked if "/board/live/" in url]) == 1

    page.route("**/board/live/**", lambda route: route.abort())
    page.evaluate(LOOK)
    expect(page.locator("[data-live]")).to_contain_text("the server is not reached, trying again")
    expect(page.locator("#messages .notice")).to_have_count(0)
    page.unroute("**/board/live/**")
    fresh(page)
    expect(page.locator("[data-live]")).to_have_text("Kept fresh by itself.")


def test_filters_lead_to_an_address_that_says_only_what_is_chosen(maya: Person, browser_of: Opened) -> None:
    page = browser_of(maya)
    page.goto("/")
    page.get_by_label("Severity").select_option("sev2")
    expect(page).to_have_url(re.compile(r"/\?state=open&severity=sev2$"))
    page.get_by_role("link", name="Save as a view").click()
    page.get_by_label("Name").fill("Bad ones")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name=re.compile("^Bad ones 3"))).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name=re.compile("Severity: SEV2")).click()
    expect(page).to_have_url(re.compile(r"/\?state=open$"))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 850})
        for path in ("/?state=all&severity=sev2&period=days", "/board/views/"):
            page.goto(path)
            assert faults(page, width) == []
