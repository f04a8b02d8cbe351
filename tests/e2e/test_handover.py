"""A hand-over between two people, each in their own browser."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from incidents import demo
from ownership.models import Handover, Person, Service
from tests.e2e.conftest import Opened, faults
from tests.ownership.proposals import proposal

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(live_server) -> dict[str, Person]:
    """The worked example's people by their first names."""
    demo.fill(now=timezone.now())
    return {person.name.split()[0]: person for person in Person.objects.all()}


def test_one_asks_the_other_accepts_and_both_see_it(people: dict[str, Person], browser_of: Opened) -> None:
    priya, tomas = browser_of(people["Priya"]), browser_of(people["Tomás"])
    priya.goto("/services/support-answers/")
    priya.get_by_role("link", name="Hand over").click()
    expect(priya.get_by_role("heading", name="Open incidents")).to_be_visible()
    priya.get_by_label("To", exact=True).select_option(label="Tomás Brandt")
    priya.get_by_label("What they should know").fill("I move to the search team.")
    priya.get_by_role("button", name="Ask them").click()
    expect(priya.locator("#messages")).to_contain_text("Tomás Brandt is asked to take over.")
    expect(priya.get_by_role("button", name="Accept")).to_have_count(0)

    tomas.goto("/")
    expect(tomas.get_by_role("link", name="Ownership 1")).to_be_visible()
    tomas.goto("/people/me/")
    tomas.get_by_role("link", name="Take over Support answers", exact=True).click()
    expect(tomas.locator("main")).to_contain_text("I move to the search team.")
    expect(tomas.get_by_role("heading", name="Open incidents")).to_be_visible()
    tomas.get_by_role("button", name="Accept").click()
    expect(tomas.locator("#answer")).to_contain_text("Accepted by Tomás Brandt")
    expect(tomas.get_by_role("link", name="Ownership 1")).to_have_count(0)
    tomas.goto("/people/me/")
    expect(tomas.get_by_role("link", name="Support answers").first).to_be_visible()

    priya.reload()
    expect(priya.locator("#answer")).to_contain_text("Accepted by Tomás Brandt")
    priya.goto("/services/support-answers/")
    expect(priya.locator("#answers .party").first).to_have_text("TBTomás Brandt")
    expect(priya.get_by_role("link", name="Hand over")).to_have_count(0)
    assert Handover.objects.get().state == "accepted"


def test_declined_without_a_reason_then_with_one(people: dict[str, Person], browser_of: Opened) -> None:
    service = Service.objects.get(slug="support-answers")
    asked = proposal(people["Tomás"], subject=service, by=people["Priya"], now=timezone.now())
    tomas = browser_of(people["Tomás"])
    tomas.goto(f"/hand-overs/{asked.pk}/")
    tomas.get_by_text("Decline").first.click()
    tomas.get_by_role("button", name="Decline").click()
    expect(tomas.get_by_text("This field is required").first).to_be_visible()
    tomas.get_by_label("Why not").fill("On leave until May.")
    tomas.get_by_role("button", name="Decline").click()
    expect(tomas.locator("#answer")).to_contain_text("On leave until May.")
    expect(tomas.locator("#answer")).to_contain_text("Declined by Tomás Brandt")


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_the_pages_are_accessible_and_nothing_sticks_out(
    people: dict[str, Person], browser_of: Opened, theme: str, width: int
) -> None:
    service = Service.objects.get(slug="support-answers")
    page = browser_of(people["Maya"])
    page.set_viewport_size({"width": width, "height": 850})
    page.emulate_media(color_scheme=theme)
    wrong = []
    paths = ["/services/support-answers/hand-over/"]
    asked = proposal(people["Maya"], subject=service, by=people["Priya"], now=timezone.now(), note="I move *teams*.")
    paths += [f"/hand-overs/{asked.pk}/", "/people/me/", "/services/support-answers/"]
    for path in paths:
        page.goto(path)
        wrong += faults(page, width)
    assert wrong == []
