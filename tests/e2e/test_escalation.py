"""A message's link on a phone, without signing in; then the incident's page says what stopped the ladder."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from incidents.response import escalating
from ownership.models import Notice
from tests import factories as make
from tests.e2e.conftest import Opened, faults

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = 390


def test_from_the_message_to_the_ball(live_server, context: BrowserContext, browser_of: Opened) -> None:
    now = timezone.now()
    priya, dina = make.person("Priya Nair"), make.person("Dina Roth")
    service = make.service("Support answers", owner=priya)
    make.assignment(service, dina, role="deputy")
    incident = make.incident("Slow answers", service=service, severity="sev2", now=now)
    for minutes in (0, 15):  # by a clock of the test's own
        escalating.sweep(now=now + timedelta(minutes=minutes))
    message = Notice.objects.get(person=dina)

    phone = context.new_page()
    phone.set_viewport_size({"width": PHONE, "height": 800})
    phone.goto(live_server.url + message.act_path)
    expect(phone.get_by_role("heading", name="Slow answers")).to_be_visible()
    assert faults(phone, PHONE) == []
    phone.get_by_role("button", name="Acknowledge as Dina Roth").press("Enter")
    expect(phone.get_by_role("status")).to_contain_text("You acknowledged it")
    assert faults(phone, PHONE) == []
    phone.goto(live_server.url + message.act_path)
    expect(phone.get_by_role("button", name="Acknowledge")).to_have_count(0)

    page = browser_of(priya)
    page.goto(f"/incidents/{incident.pk}/")
    ladder = page.get_by_role("region", name="Who was told")
    expect(ladder).to_contain_text("Stopped, because Dina Roth acknowledged it.")
    escalating.sweep(now=now + timedelta(minutes=30))
    assert Notice.objects.filter(key__startswith="incident:").count() == 2
