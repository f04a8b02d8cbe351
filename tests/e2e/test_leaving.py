"""An owner leaves: the page says who stands in, and what they held goes to a new owner at once."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from incidents import demo
from ownership import assigning
from ownership.models import Channel, Confirmation, Person, Service
from tests import factories as make
from tests.e2e.conftest import Opened, faults

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(live_server) -> dict[str, Person]:
    """The worked example's people by their first names, an admin, and Priya as a deputy elsewhere."""
    demo.fill(now=timezone.now())
    make.person("Ada Admin", role="admin")
    found = {person.name.split()[0]: person for person in Person.objects.all()}
    summaries, now = Service.objects.get(slug="call-summaries"), timezone.now()
    assigning.assign(subject=summaries, role="deputy", party=found["Priya"], since=now, by=found["Maya"], now=now)
    return found


def test_an_owner_leaves_and_what_they_held_gets_a_new_one(people: dict[str, Person], browser_of: Opened) -> None:
    ada, priya = browser_of(people["Ada"]), browser_of(people["Priya"])
    priya.goto("/people/me/")
    expect(priya.locator("#told")).to_contain_text("made Priya Nair deputy for Call summaries")
    priya.locator("#told").get_by_role("link", name="all of it").click()  # of what is long ago
    expect(priya.locator("main")).to_contain_text("made Priya Nair accountable for Support answers")

    ada.goto(f"/people/{people['Priya'].pk}/")
    ada.get_by_role("link", name="End access").click()
    expect(ada.locator("main")).to_contain_text("From then on nobody answers for what stands below.")
    expect(ada.get_by_role("row", name="Support answers")).to_contain_text("Accountable")
    ada.get_by_role("button", name="End access").click()
    expect(ada.get_by_role("heading", name="What Priya Nair left behind")).to_be_visible()

    priya.goto("/people/me/")
    expect(priya).to_have_url("/accounts/login/?next=/people/me/")

    maya = browser_of(people["Maya"])  # of the team that is deputy
    maya.goto("/services/support-answers/")
    expect(maya.get_by_role("heading", name="Nobody answers for this any more")).to_be_visible()
    expect(maya.locator("#answers")).to_contain_text("Priya Nair is accountable on paper")
    expect(maya.locator("#answers")).to_contain_text(re.compile(r"stands in as deputy:\s*(AT)?Answers team"))
    maya.goto("/people/me/")
    expect(maya.locator("#told")).to_contain_text("Priya Nair is no longer here, and you stand in for Support answers")
    maya.get_by_role("button", name="Mark all as seen").click()
    expect(maya.get_by_role("button", name="Mark all as seen")).to_have_count(0)

    boxes = ada.get_by_role("checkbox")
    expect(boxes.first).to_be_checked()
    assert boxes.count() >= 2
    ada.get_by_label("New owner").select_option(label="Tomás Brandt")
    ada.get_by_role("button", name="Assign now").click()
    expect(ada.locator("#messages")).to_contain_text("Tomás Brandt has")
    expect(ada.get_by_role("heading", name="Nothing wants an owner")).to_be_visible()

    tomas = browser_of(people["Tomás"])
    tomas.goto("/services/support-answers/")
    expect(tomas.locator("#answers .party").first).to_have_text("TBTomás Brandt")
    tomas.get_by_role("button", name="Yes, I answer for it").click()
    expect(tomas.locator("#messages")).to_contain_text("Confirmed: Tomás Brandt answers for Support answers.")
    expect(tomas.get_by_role("button", name="Yes, I answer for it")).to_have_count(0)
    assert Confirmation.objects.latest("at").by == people["Tomás"]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_pages_are_accessible_and_nothing_sticks_out(
    people: dict[str, Person], browser_of: Opened, theme: str, width: int
) -> None:
    priya = people["Priya"]
    ada, owner = browser_of(people["Ada"]), browser_of(priya)
    Channel.objects.filter(person=priya).update(failing_since=timezone.now(), failure="550 no such mailbox")
    wrong = []
    visits = [(owner, "/people/me/"), (owner, "/people/me/notices/"), (owner, "/services/support-answers/")]
    visits += [(ada, path) for path in ("/confirmations/", f"/people/{priya.pk}/deactivate/", "/people/mail/")]
    visits += [(ada, path) for path in (f"/reassign/?who=person:{priya.pk}", "/teams/answers-team/dissolve/")]
    for page, path in visits:
        page.set_viewport_size({"width": width, "height": 850})
        page.emulate_media(color_scheme=theme)
        page.goto(path)
        wrong += faults(page, width)
    assert wrong == []
