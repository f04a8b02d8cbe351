"""A whole review of an incident that a real alert opened, until it is published: with scripts, without, by keyboard."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from incidents.alerts import digest, intake
from incidents.postmortems.models import Action, FailingExample, Postmortem, Section
from incidents.response import impacts, lifecycle
from incidents.response.impacts import Impact
from incidents.response.models import FailureMode, Finding, Incident
from ownership.models import Person
from tests import factories as make
from tests.e2e.conftest import Opened, faults
from tests.incidents.alerts import factories as alerts

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

WORDS = "Two layers retried the same call, and no page that one team sees shows both."


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def incident(shared: Path, maya: Person) -> Incident:
    """Opened by a payload of Alertmanager for the service that its label names; blamed on the model; resolved."""
    make.service("System", owner=maya)
    now = timezone.now()
    sent = json.loads((shared / "payloads" / "alertmanager" / "03-alerta-prometheus-v3-alert.json").read_text())
    source = alerts.source()
    for state, ends in (("firing", None), ("resolved", now)):
        for one in sent["alerts"]:
            one["status"], one["startsAt"] = state, (now - timedelta(hours=3)).isoformat()  # today instead of in 2016
            one["endsAt"] = ends.isoformat() if ends else alerts.ZERO
        intake.store(source, body=json.dumps(sent | {"status": state}).encode(), headers={}, now=now)
        while digest.batch(now=now):
            pass
    opened = Incident.objects.get()
    lifecycle.acknowledge(opened, by=maya, now=now, first_blame="model")
    began = Impact("minute", now - timedelta(hours=4))
    said = {"impact": "Nobody could sign in from host2.", "began": began, "detected_by": "monitor"}
    impacts.set_impact(opened, **said, by=maya, now=now)
    mode = FailureMode.objects.get(code="integration.retry_amplification")
    lifecycle.resolve(opened, by=maya, now=now, mode=mode, evidence="Nine calls for one question.")
    opened.refresh_from_db()
    return opened


def test_from_a_real_alert_to_what_is_published(incident: Incident, maya: Person, browser_of: Opened) -> None:
    jonas = make.person("Jonas Lind")
    page = browser_of(maya)
    page.goto(f"/incidents/{incident.pk}/")
    page.get_by_role("button", name="Start a postmortem").click()
    expect(page.get_by_role("heading", name="Before it can be published")).to_be_visible()
    expect(page.locator("#section-summary textarea")).to_have_value(re.compile("Connect"))  # prefilled
    write_all(page)
    answer_a_layers_question(page)
    confirm_and_find(page)
    decide(page)
    keep_an_example(page, incident)
    assert faults(page, 1280) == []
    expect(page.locator("#checklist .missing")).to_have_count(0)
    send_and_publish(page, browser_of(jonas))
    expect(page.locator(".head").first).to_contain_text("Published")
    expect(page.locator("textarea.editor")).to_have_count(0)
    assert faults(page, 1280) == []
    kept = Postmortem.objects.get()
    assert kept.published_by == maya
    assert Finding.objects.filter(superseded_at=None, state="reviewed").count() == 2
    assert page.request.get(f"/postmortems/{incident.pk}/export.json").json()["state"] == "published"
    assert WORDS in page.request.get(f"/postmortems/{incident.pk}/export.md").text()


def write_all(page: Page) -> None:
    """Every required text is typed and saves itself; a reload shows what was saved."""
    for editor in page.locator(".card textarea.editor").all():
        if editor.is_visible() and not editor.input_value():
            editor.fill(WORDS)
            expect(editor.locator("xpath=ancestor::form").locator(".saved.good")).to_be_visible()
    page.reload()
    expect(page.locator("#section-surprised textarea")).to_have_value(WORDS)


def answer_a_layers_question(page: Page) -> None:
    """Tagging latency brings its questions; an answer is a text like the others; untagging keeps it."""
    page.locator("#tag-latency").click()
    question = page.locator("#questions .layer-group.latency, #questions .latency").locator("textarea.editor").first
    question.fill("The retriever waits 30 s, its caller 10.")
    expect(question.locator("xpath=ancestor::form").locator(".saved.good")).to_be_visible()
    page.locator("#tag-latency").click()
    expect(page.locator("#questions")).not_to_contain_text("which timeout", ignore_case=True)
    page.locator("#tag-latency").click()
    expect(
        page.locator("#questions .layer-group.latency, #questions .latency").locator("textarea.editor").first
    ).to_have_value("The retriever waits 30 s, its caller 10.")


def confirm_and_find(page: Page) -> None:
    """The provisional finding is confirmed; a second one stands on the alert itself."""
    page.locator("#findings").get_by_role("button", name="Confirm").first.click()
    expect(page.locator("#findings")).to_contain_text("reviewed")
    page.locator("#findings").get_by_role("link", name=re.compile("Add a finding")).first.click()
    page.locator("#findings [name=mode]").select_option("latency.missing_or_inverted_timeout")
    page.locator("#findings [name=role][value=amplifier], #findings select[name=role]").first.evaluate(
        "field => { if (field.tagName === 'SELECT') field.value = 'amplifier'; else field.checked = true; }"
    )
    page.locator("#findings details").evaluate_all("every => every.forEach(one => one.open = true)")
    page.locator("#findings [name=links][value^=alert]").first.check()
    page.locator("#findings").get_by_role("button", name="Add the finding").click()
    expect(page.locator("#findings")).to_contain_text("missing or inverted timeout")


def decide(page: Page) -> None:
    """An action for one finding, a reason for none for the other."""
    page.locator("#answers").get_by_role("link", name="Add an action").first.click()
    page.locator("#actions [name=title]").fill("Cap all retries at 10 % of the calls")
    page.locator("#actions [name=done_when]").fill("A load test shows 1.1 calls for one question.")
    page.get_by_role("button", name="Add the action").click()
    expect(page.locator("#actions")).to_contain_text("Cap all retries")
    page.locator("#answers").get_by_text("No action, because").first.click()
    page.locator("#answers textarea").first.fill("The cap makes the timeout harmless.")
    page.locator("#answers").get_by_role("button", name="Record the reason").first.click()
    expect(page.locator("#answers")).to_contain_text("The cap makes the timeout harmless.")


def keep_an_example(page: Page, incident: Incident) -> None:
    """What failed, with the address in it redacted before anything is kept."""
    page.goto(f"/incidents/{incident.pk}/examples/new/")
    page.locator("[name=input]").fill("Why can ada@example.org not sign in?")
    page.locator("[name=observed]").fill("An error.")
    page.locator("[name=expected]").fill("The reason.")
    page.get_by_role("button", name="Preview the redaction").click()
    expect(page.locator("main")).to_contain_text("[email 1]")
    assert not FailingExample.objects.exists()
    page.get_by_role("button", name="Keep the example").first.click()
    expect(page.locator("main")).to_contain_text("[email 1]")
    assert "ada@example.org" not in FailingExample.objects.get().input
    page.goto(f"/postmortems/{incident.pk}/")


def send_and_publish(page: Page, reviewer: Page) -> None:
    """Somebody else approves, then it is published."""
    page.get_by_role("link", name="Send to review").first.click()
    page.get_by_label("Reviewer", exact=False).first.select_option(label="Jonas Lind")
    page.get_by_role("button", name="Send to review").click()
    reviewer.goto(page.url)
    reviewer.get_by_role("button", name="Approve").click()
    expect(reviewer.locator("#reviewers")).to_contain_text("approved")
    page.reload()
    page.get_by_role("button", name="Publish").click()


def test_without_scripts_everything_is_a_form(incident: Incident, maya: Person, browser: Browser, live_server) -> None:
    client = Client()
    client.force_login(maya)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    value = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/incidents/{incident.pk}/")
    page.get_by_role("button", name="Start a postmortem").click()
    for key in Section.objects.filter(required=True, text="").values_list("key", flat=True):
        form = page.locator(f"#section-{key}")
        form.locator("textarea").fill(WORDS)
        form.get_by_role("button", name="Save").click()
        expect(page.locator(f"#section-{key} textarea")).to_have_value(WORDS)
    page.locator("#findings").get_by_role("button", name="Confirm").first.click()
    page.locator("#answers").get_by_role("link", name="Add an action").first.click()
    page.locator("#actions [name=title]").fill("Cap all retries at 10 % of the calls")
    page.locator("#actions [name=done_when]").fill("A load test shows 1.1 calls for one question.")
    page.get_by_role("button", name="Add the action").click()
    page.get_by_role("button", name="Publish").click()
    confirmed = page.get_by_role("button", name=re.compile("Publish"))
    if confirmed.count():  # nobody reviewed it: said once more, and it may go on
        confirmed.first.click()
    expect(page.locator(".head").first).to_contain_text("Published")
    assert Action.objects.get().owner == maya
    context.close()


def test_by_keyboard_alone(incident: Incident, maya: Person, browser_of: Opened) -> None:
    page = browser_of(maya)
    page.goto(f"/incidents/{incident.pk}/")
    press(page, "Start a postmortem")
    expect(page.get_by_role("heading", name="Before it can be published")).to_be_visible()
    to_the(page, lambda: page.evaluate("document.activeElement.id") == "text-surprised")
    page.keyboard.type(WORDS)
    page.keyboard.press("Control+s")
    expect(page.locator("#section-surprised .saved.good")).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("f")
    expect(page.locator("#findings [name=mode]")).to_be_focused()
    page.keyboard.type("Data: sch")
    to_the(page, lambda: page.evaluate("document.activeElement.name") == "evidence")
    page.keyboard.type("The diff of the two schemas.")
    press(page, "Add the finding")
    expect(page.locator("#findings")).to_contain_text("schema drift")
    assert Section.objects.get(key="surprised").text == WORDS


def press(page: Page, name: str) -> None:
    """Go to a button or link by Tab, and press Enter."""
    control = "document.activeElement.matches('a, button') ? document.activeElement.textContent : ''"
    to_the(page, lambda: name in page.evaluate(control))
    page.keyboard.press("Enter")


def to_the(page: Page, reached) -> None:
    """Tab until the focus is there."""
    for _ in range(400):
        if reached():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached by Tab on {page.url}")
