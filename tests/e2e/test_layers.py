"""Layers in a real browser: pressing one keeps what is being typed, by keyboard alone, and axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from incidents.postmortems.models import Postmortem, RulingOut, StageLatency
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db(transaction=True)
SAVED = re.compile(r"^\s*Saved")


@pytest.fixture
def draft() -> Postmortem:
    service = make.service("Support answers", owner=make.person("Priya Nair"))
    return review.draft(by=make.person("Maya Okafor"), service=service)


@pytest.fixture
def page(browser_of: Callable[[Person], Page], draft: Postmortem, live_server) -> Page:
    page = browser_of(draft.author)
    page.goto(f"{live_server.url}/postmortems/{draft.incident_id}/")
    return page


def test_pressing_a_layer_by_keyboard_keeps_what_is_typed_and_where_one_is(page: Page, draft: Postmortem) -> None:
    answer = page.get_by_role("textbox", name="Who else retries this call")
    answer.fill("Three times three")
    page.locator("#tag-latency").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tag-latency")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#tag-latency")).to_be_focused()
    expect(answer).to_have_value("Three times three")
    expect(page.locator("#saved-q-integration-retries")).to_have_text(SAVED)
    fresh = page.get_by_role("textbox", name="Which timeout is longer than its caller")
    fresh.fill("30 s inside 10 s")  # a field that came with the layer saves itself too
    expect(page.locator("#saved-q-latency-timeouts")).to_have_text(SAVED)
    page.locator("#tag-latency").press("Enter")
    expect(fresh).to_have_count(0)
    page.locator("#tag-latency").press("Enter")
    expect(fresh).to_have_value("30 s inside 10 s")
    assert review.section(draft, "q-integration-retries").text == "Three times three"


def test_not_established_is_the_later_word_than_what_was_being_typed(page: Page, draft: Postmortem) -> None:
    page.locator("#tag-model").press("Enter")
    line = page.locator("#ruled-out-data")
    line.get_by_role("textbox").fill("Replayed with yesterday's index")
    line.get_by_role("button", name="Not established").click()
    expect(line.get_by_role("button", name="Take it back")).to_be_visible()
    assert review.section(draft, "out-data").text == "Replayed with yesterday's index"
    assert RulingOut.objects.get().superseded_at is None


def test_latency_is_recorded_in_place(page: Page) -> None:
    page.locator("#tag-latency").press("Enter")
    page.get_by_role("link", name="Record latency by stage").click()
    row = page.get_by_role("group", name="Another stage").first
    row.get_by_label("or a name of its own").fill("Reranker")
    row.get_by_label("p95").fill("640")
    row.get_by_label("p99").fill("600")
    page.get_by_role("button", name="Save the table").click()
    expect(page.locator("#latency")).to_contain_text("p99 cannot be below p95")
    assert not StageLatency.objects.exists()
    row.get_by_label("p99").fill("900")
    page.get_by_role("button", name="Save the table").click()
    expect(page.locator("#latency table")).to_contain_text("640 ms")


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(page: Page, draft: Postmortem, width: int) -> None:
    review.finding(draft, "model.capability_limit")
    page.set_viewport_size({"width": width, "height": 900})
    page.reload()
    page.locator("#tag-latency").press("Enter")
    page.get_by_role("link", name="Record latency by stage").click()
    expect(page.locator("#latency-form")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
