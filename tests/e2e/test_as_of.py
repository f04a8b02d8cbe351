"""Who answered at an instant, in a browser: correct a row, ask about the time before, read the picture."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from ownership.models import Assignment, Component, Service
from tests import factories as make
from tests.e2e.conftest import faults

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture
def service(live_server, context: BrowserContext, page: Page) -> Service:
    """A service that Priya answered for, seen by an editor; nobody did for its first hundred days."""
    client = Client()
    client.force_login(make.person("Edith Editor", role="editor"))
    value = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    found = make.service("Support answers")
    for model in (Service, Component):
        model.objects.update(created_at=timezone.now() - 200 * DAY)
    since = timezone.now() - 100 * DAY
    make.assignment(found, make.person("Priya Nair"), since=since)
    make.assignment(found, make.person("Jonas Lind"), role="deputy", since=since)
    make.person("Tomás Brandt")
    return found


def at(days: int) -> str:
    """That many days ago, as the browser's own picker wants it; days apart, so that the zone does not matter."""
    return f"{timezone.now() - days * DAY:%Y-%m-%dT%H:%M}"


def test_a_correction_is_looked_at_then_made_and_both_answers_stay(live_server, service: Service, page: Page) -> None:
    page.goto(f"{live_server.url}/services/support-answers/")
    page.get_by_role("link", name="Change the role of Priya Nair").first.click()
    page.get_by_label("Who it was").select_option(label="Tomás Brandt")
    page.locator("#correct_since").fill(at(60))
    page.get_by_role("button", name="Look at the correction").click()
    expect(page.locator("main")).to_contain_text("On record from now on")
    assert Assignment.objects.count() == 2
    page.get_by_role("button", name="Correct it").click()
    expect(page.locator("#messages")).to_contain_text("Corrected.")

    page.get_by_label("Who answered at").fill(at(30))
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#then")).to_contain_text("Priya Nair")
    expect(page.locator("#corrected")).to_contain_text("Tomás Brandt")
    expect(page.locator("#corrections")).to_contain_text("Edith Editor")
    assert "at=" in page.url
    page.goto(page.url)  # the answer has an address
    expect(page.locator("#corrected")).to_contain_text("Tomás Brandt")

    lanes = page.locator("#strip svg svg")
    expect(lanes.filter(has_text="Priya Nair").first).to_be_visible()
    boxes = [lanes.nth(number).bounding_box() for number in range(lanes.count())]
    assert all(box and box["width"] > 20 for box in boxes)  # drawn, not only there
    gaps = page.locator("#strip rect.gap")
    assert gaps.count() >= 2


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_pages_are_accessible_and_nothing_sticks_out(
    live_server, service: Service, page: Page, theme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 850})
    page.emulate_media(color_scheme=theme)
    seam = make.seam(make.component(custodian=make.team()), make.component(custodian=make.team()))
    row = Assignment.objects.first()
    assert row is not None
    wrong = []
    for path in (
        f"/services/support-answers/as-of/?at={at(30)}",
        f"/assignments/{row.pk}/",
        f"/seams/{seam.pk}/",
        f"/components/{seam.upstream_id}/",
        f"/seams/{seam.pk}/as-of/",
    ):
        page.goto(f"{live_server.url}{path}")
        wrong += faults(page, width)
    assert wrong == []
