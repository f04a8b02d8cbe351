"""Alert rules in a browser: tried on the page, saved, moved; with scripts and without."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from incidents.alerts import ruling
from incidents.alerts.matching.conditions import Condition
from incidents.alerts.ruling import Wanted
from incidents.response.models import Incident
from tests import factories as make
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(live_server) -> dict[str, str]:
    """An incident that nobody answers for, a service that should, and the session cookie of an editor."""
    editor, now = make.person("Maya", role="editor"), timezone.now()
    service = make.service("Fraud score", owner=make.person("Priya Nair"), tier="t1")
    make.component("Feature pipeline", of=service)
    am.send(am.source(), am.alert("FeatureLate", summary="Feature age is 3 h", job="feat-age", starts=now), at=now)
    for note in ("first", "second"):
        asked = [Condition("label", "is", (note,), "job")]
        ruling.make("subject", Wanted(asked, service=service, note=note), by=editor, now=now)
    client = Client()
    client.force_login(editor)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}


def test_from_an_incident_that_nobody_answers_for_to_a_rule(
    session: dict[str, str], context: BrowserContext, page: Page
) -> None:
    context.add_cookies([session])
    number = Incident.objects.get().pk
    page.goto(f"{session['url']}/incidents/{number}/")
    page.get_by_role("link", name="Make it a rule").click()
    expect(page.locator("[name=condition_0]")).to_have_value("feat-age")
    expect(page.locator("[name=label_1]")).to_be_hidden()
    page.locator("[name=how_0]").select_option("glob")
    page.locator("[name=condition_0]").fill("feat-*")
    page.locator("[name=target]").select_option(label="Feature pipeline")
    page.get_by_role("button", name="See what it would have changed").click()
    expect(page.locator("#tried")).to_contain_text("1 of 1 stored alert would come out otherwise")
    expect(page.locator("#tried")).to_contain_text("Feature pipeline → Fraud score")
    expect(page.locator("[name=condition_0]")).to_have_value("feat-*")
    page.get_by_role("button", name="Save the rule").click()
    expect(page.locator(".head")).to_contain_text("Priya Nair")
    page.get_by_text("Why here", exact=True).click()
    page.get_by_role("link", name="rule 3 v1").click()
    expect(page.locator("main")).to_contain_text("label job matches “feat-*”")


def test_writing_trying_and_moving_rules_without_scripts(session: dict[str, str], browser: Browser) -> None:
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies([session])
    page = plain.new_page()
    page.goto(f"{session['url']}/rules/subject/")
    page.get_by_role("link", name="Write a rule").click()
    page.get_by_role("button", name="One more condition").click()
    page.locator("[name=what_2]").select_option("title")
    page.locator("[name=how_2]").select_option("words")
    page.locator("[name=condition_2]").fill("feature age")
    page.locator("[name=target]").select_option(label="Fraud score")
    page.get_by_role("button", name="See what it would have changed").click()
    expect(page.locator("#tried")).to_contain_text("1 of 1 stored alert would come out otherwise")
    page.get_by_role("button", name="Save the rule").click()
    expect(page.locator("table.rules .title")).to_have_text(["Rule 1", "Rule 2", "Rule 3"])
    page.get_by_role("button", name="Move rule 3 up").click()
    expect(page.locator("table.rules .title")).to_have_text(["Rule 1", "Rule 3", "Rule 2"])
    plain.close()
