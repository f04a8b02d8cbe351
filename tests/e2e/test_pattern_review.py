"""A review is held in a browser, decides two things and is closed; the next one opens with what became of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from incidents.patterns.review_models import PatternReview
from incidents.postmortems import settling
from incidents.postmortems.models import Action
from ownership.models import Person
from tests.e2e.conftest import faults
from tests.e2e.desk import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

DUE = timezone.localdate() + timedelta(days=21)


def hold(page: Page, title: str) -> None:
    page.get_by_role("link", name="Hold review").click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Freeze and begin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def decide(page: Page, title: str) -> None:
    page.get_by_label("What was decided").fill(title)
    page.get_by_label("Who does it").select_option(label="Priya Nair")
    page.get_by_label("Due", exact=True).fill(DUE.isoformat())
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("#decisions").get_by_role("link", name=title, exact=True)).to_be_visible()


def test_the_next_review_opens_with_what_was_promised(context: BrowserContext, page: Page, live_server) -> None:
    call_command("demo_data")
    maya = Person.objects.get(email="maya@example.org")
    priya = Person.objects.get(name="Priya Nair")
    sign_in(context, live_server.url, maya)
    page.goto(f"{live_server.url}/patterns/")
    hold(page, "Patterns, October 2026")
    expect(page.locator(".plot.drawn").first).to_be_visible()
    decide(page, "Cap the retries at two")
    decide(page, "Alert when over 1 % of answers cite nothing")
    assert faults(page, 1280) == []
    page.get_by_role("button", name="Close the review").click()
    expect(page.get_by_text("closed by Maya Okafor")).to_be_visible()
    expect(page.get_by_label("What was decided")).to_have_count(0)

    capped, alert = Action.objects.filter(pattern_review__isnull=False).order_by("pk")
    now = timezone.now()
    settling.mark_done(capped, by=priya, now=now)
    said = {"evidence": "link", "ref": "https://ci.example.org/9", "note": "No call is sent a third time."}
    settling.verify(capped, **said, by=maya, now=now)
    settling.decline(alert, reason="The vendor does it from next month.", by=priya, now=now)

    page.goto(f"{live_server.url}/patterns/")
    hold(page, "Patterns, November 2026")
    promised = page.locator("section", has=page.get_by_role("heading", name="What was promised"))
    expect(promised).to_contain_text("Patterns, October 2026")
    rows = promised.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Verified")
    expect(rows.nth(1)).to_contain_text("The vendor does it from next month.")
    expect(page.get_by_role("heading", name="Then and now")).to_be_visible()
    assert PatternReview.objects.latest("pk").previous is not None
    assert faults(page, 1280) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert faults(page, 390) == []
    page.locator("section").get_by_role("link", name="Cap the retries at two").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patterns, October 2026")


def test_a_mark_of_the_frozen_page_leads_to_its_incidents_as_known_then(
    context: BrowserContext, page: Page, live_server
) -> None:
    call_command("demo_data")
    sign_in(context, live_server.url, Person.objects.get(email="maya@example.org"))
    page.goto(f"{live_server.url}/patterns/")
    hold(page, "Patterns")
    review = PatternReview.objects.get()
    layers = page.locator("#layers")
    layers.get_by_text("The rows as a table").click()
    link = layers.locator("table a").first
    count = int(link.inner_text())
    link.click()
    expect(page).to_have_url(re.compile(f"as_of={review.known_at:%Y-%m-%dT%H}"))
    expect(page.locator("table.cards tbody tr")).to_have_count(count)
