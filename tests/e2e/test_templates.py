"""Making a template of one's own in a real browser, with a keyboard, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from incidents.postmortems.models import PostmortemTemplate
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

COPY = "/postmortems/templates/near_miss/v1/copy/"


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server) -> Iterator[Page]:
    """The form of a copy, opened by an editor."""
    client = Client()
    client.force_login(make.person("Ada Editor", role="editor"))
    context = browser.new_context(java_script_enabled=request.param)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    opened = context.new_page()
    opened.goto(f"{live_server.url}{COPY}")
    yield opened
    context.close()


def test_a_row_moves_by_the_keyboard_and_keeps_it(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("Close calls")
    page.get_by_role("button", name="Move section 1 down").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move section 2 down")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move section 3 down")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Close calls")
    page.get_by_role("button", name="Make this template").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Close calls")
    made = PostmortemTemplate.objects.get(code="own-close-calls")
    assert [entry["key"] for entry in made.sections[:3]] == ["times", "noticed", "summary"]


def test_a_section_is_added_and_enter_in_a_field_saves(page: Page) -> None:
    page.get_by_role("button", name="Add it at the end").click()
    heading = page.get_by_label("Heading").last
    expect(heading).to_be_focused()
    page.keyboard.type("What it cost")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Near miss, ours")
    made = PostmortemTemplate.objects.get(code="own-near-miss-ours")
    assert made.sections[-1]["key"] == "own_what_it_cost"
