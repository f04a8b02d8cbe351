"""A mapping is written in the browser: the result follows the typing, and the cursor stays where it was."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from incidents.alerts import remapping, sourcing
from incidents.alerts.models import Source
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db(transaction=True)

OURS = """[fields]
title = "what"
key = "id"
state = "s"
[states]
firing = ["up"]
"""


@pytest.fixture
def editor(page: Page, live_server) -> Person:
    """Edith, signed in in the page's browser."""
    person = make.person("Edith Editor", role="editor")
    client = Client()
    client.force_login(person)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    return person


@pytest.fixture
def source(editor: Person) -> Source:
    """One that sent something the plain form cannot read."""
    now = timezone.now()
    made, _ = sourcing.add(kind="custom", name="Nightly checks", by=editor, now=now)
    raw = json.dumps({"what": "The index is stale", "id": "7", "s": "up"}).encode()
    am.rejected(made, raw, at=now - timedelta(minutes=5))
    return made


def test_the_result_follows_the_typing(page: Page, live_server, source: Source) -> None:
    page.goto(f"{live_server.url}/sources/{source.pk}/mapping/")
    result, text = page.locator("#result"), page.get_by_label("Mapping", exact=True)
    expect(result).to_contain_text("0 read, 1 rejected")
    text.fill(OURS)
    expect(result).to_contain_text("The index is stale")
    text.fill(OURS.replace('"up"', '"down"'))
    expect(result).to_contain_text('its state is "up", which [states] does not list')
    expect(text).to_be_focused()
    text.fill(OURS)
    expect(result).to_contain_text("1 read, 0 rejected")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Use it from now on").click()
    expect(page.get_by_text("read by version 1 of its mapping")).to_be_visible()
    assert remapping.current_of([source.pk])[source.pk].text == OURS
    page.get_by_role("button", name="Try it again").click()
    expect(page.get_by_text("1 delivery waits for the next try.")).to_be_visible()


def test_a_report_on_a_phone(page: Page, live_server, editor: Person) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    make.service("Support answers")
    page.goto(live_server.url)
    page.get_by_role("link", name="Report a wrong answer").first.click()
    page.get_by_label("What did it answer?").fill("Yes, within 60 days.")
    page.get_by_label("Which service answered?").select_option("Support answers")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_text("Being read.")).to_be_visible()
    am.drain(timezone.now())
    expect(page.get_by_role("link", name="Wrong answer reported")).to_be_visible()
