"""Past incidents are tagged by keys alone: one a key, the last one undone, typing undisturbed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from incidents.response import lifecycle
from incidents.response.models import Finding
from tests import factories as make
from tests.e2e.conftest import faults
from tests.e2e.desk import sign_in
from tests.incidents.history.past import bring, plain

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_handful_by_keys_alone(page: Page, live_server) -> None:
    maya = make.person("Maya Okafor", role="responder")
    for days, title in enumerate(("First", "Second", "Third"), 1):
        at = make.NOON - timedelta(days=days)
        incident = make.incident(title, by=maya, detected_at=at, service=make.service(f"Service of {title}"))
        lifecycle.resolve(incident, by=maya, now=make.NOON, at=at + timedelta(hours=1))
    bring(plain(title="Prompt injection in chat"))
    sign_in(page.context, live_server.url, maya)
    page.goto(f"{live_server.url}/patterns/tagging/")
    subject = page.locator("#subject")
    expect(subject).to_have_text("First")
    assert faults(page, 1280) == []

    page.keyboard.press("3")
    expect(subject).to_have_text("Second")
    expect(page.get_by_text("1 of 4 tagged")).to_be_visible()
    page.keyboard.press("6")
    expect(subject).to_have_text("Third")
    page.keyboard.press("u")
    expect(subject).to_have_text("Second")
    expect(page.get_by_text("1 of 4 tagged")).to_be_visible()

    page.get_by_role("searchbox").first.press_sequentially("12")
    expect(subject).to_have_text("Second")
    page.locator("h1").click()

    page.keyboard.press("s")
    expect(subject).to_have_text("Third")
    page.keyboard.press("1")
    expect(subject).to_have_text("Prompt injection in chat")
    page.keyboard.press("a")
    expect(page.get_by_text("You have seen them all")).to_be_visible()
    assert faults(page, 1280) == []
    standing = Finding.objects.filter(superseded_at=None).order_by("pk")
    assert [(one.incident.title, one.layer) for one in standing] == [
        ("First", "latency"),
        ("Third", "data"),
        ("Prompt injection in chat", "guardrail"),
    ]


def test_it_works_without_javascript(browser, live_server) -> None:
    maya = make.person("Maya Okafor", role="responder")
    bring(plain(1), plain(2))
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, live_server.url, maya)
    page = context.new_page()
    page.goto(f"{live_server.url}/patterns/tagging/")
    page.get_by_role("button", name="data").click()
    expect(page.get_by_text("1 of 2 tagged")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("0 of 2 tagged")).to_be_visible()
    context.close()
    assert not Finding.objects.filter(superseded_at=None).exists()
