"""A storm of a thousand alerts becomes one page for one person, who hands it on; two people work on it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import expect

from incidents.alerts import digest
from incidents.response import escalating
from incidents.response.models import Incident, TimelineRow
from ownership import gathering, sending
from ownership.models import Person
from tests import factories as make
from tests.e2e.conftest import Opened, faults
from tests.incidents.alerts import factories as am
from tests.ownership.postbox import Postbox, postbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings: Any, live_server) -> Iterator[Postbox]:
    with postbox() as opened:
        settings.EMAIL_CONFIGURED = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", opened.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.BASE_URL = live_server.url
        yield opened


def storm(url: str, key: str) -> None:
    """A thousand alerts of one service, a hundred a request, as their sender posts them; then the worker's tasks."""
    now = timezone.now()
    for group in range(10):
        alerts = [
            am.alert(
                f"Slow{group}", starts=now, severity="critical", service="support-answers", instance=f"{group}-{one}"
            )
            for one in range(100)
        ]
        answer = requests.post(f"{url}/hooks/alertmanager/{key}/", data=am.body(*alerts), timeout=20)
        assert answer.status_code == 202
    while digest.batch(now=timezone.now()):
        pass
    escalating.sweep(now=timezone.now())
    gathering.gather(now=timezone.now())
    sending.send_due(now=timezone.now())


def test_a_storm_is_one_message_and_ends_resolved_in_other_hands(
    live_server, browser_of: Opened, server: Postbox
) -> None:
    priya, tomas = make.person("Priya Nair", email="priya@example.org"), make.person("Tomás Brandt")
    make.service("Support answers", owner=priya)
    storm(live_server.url, am.with_key()[1])
    incident = Incident.objects.get()
    [mail] = server.to("priya@example.org")
    link = re.search(rf"{re.escape(live_server.url)}(/acknowledge/\S+)", mail.get_content())
    assert link is not None

    page = browser_of(priya)
    page.goto(link[1])
    page.get_by_role("button", name="Acknowledge as Priya Nair").click()
    page.goto(f"/incidents/{incident.pk}/")
    expect(page.get_by_role("region", name="Alerts")).to_contain_text("1000 firing of 1000")
    assert faults(page, 1280) == []
    page.get_by_role("link", name="Hand off").click()
    page.locator("[name=to]").select_option(label="Tomás Brandt")
    page.locator("[name=reason]").fill("The pool is his.")
    page.get_by_role("button", name="Hand off").click()
    expect(page.locator(".head")).to_contain_text(re.compile(r"has the ball\s*TB\s*Tomás Brandt"))

    other = browser_of(tomas)
    other.goto(f"/incidents/{incident.pk}/")
    other.get_by_role("link", name="Resolve").click()
    expect(other.locator("main")).to_contain_text("1000 alerts still fire")
    other.locator("[name=still_firing]").check()
    other.get_by_role("button", name="Resolve").click()
    expect(other.locator(".head")).to_contain_text("Resolved")
    incident.refresh_from_db()
    assert (incident.state, incident.acknowledged_by, incident.resolved_by) == ("resolved", priya, tomas)
    assert len(server.to("priya@example.org")) == 1


def test_two_people_on_one_incident_at_once(browser_of: Opened) -> None:
    people: list[Person] = [make.person("Priya Nair"), make.person("Tomás Brandt")]
    incident = make.incident("Slow answers", service=make.service("Support answers", owner=people[0]))
    pages = [browser_of(person) for person in people]
    for page in pages:  # both see it open
        page.goto(f"/incidents/{incident.pk}/")
    for page, layer in zip(pages, ("latency", "data"), strict=True):
        page.locator(f"[name=first_blame][value={layer}]").click()
    expect(pages[1].locator("body")).to_contain_text("frozen")
    for page in pages:
        page.goto(f"/incidents/{incident.pk}/")
    for page, words in zip(pages, ("Pool is full.", "Index is stale."), strict=True):
        page.locator("#timeline [name=text]").first.fill(words)
        page.get_by_role("button", name="Add note").click()
        expect(page.locator("#timeline")).to_contain_text(words)
    incident.refresh_from_db()
    assert (incident.acknowledged_by, incident.first_blame) == (people[0], "latency")
    notes = TimelineRow.objects.filter(incident=incident, kind="note").order_by("pk")
    assert [note.text for note in notes] == ["Pool is full.", "Index is stale."]
