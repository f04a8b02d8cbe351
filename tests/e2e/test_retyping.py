"""What is typed in one form of a postmortem's part outlives the others that are sent or opened beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from incidents.postmortems.models import Action, NoActionReason, Postmortem
from tests import factories as make
from tests.e2e.conftest import Opened
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db(transaction=True)
DONE_WHEN = "A chaos test shows it."


@pytest.fixture
def draft() -> Postmortem:
    """Two findings that nobody answered, and an action."""
    draft = review.draft(by=make.person("Maya Okafor"))
    review.finding(draft, "data.schema_drift")
    review.action(draft, "Cap the retries", owner=draft.author)
    return draft


@pytest.fixture
def page(browser_of: Opened, draft: Postmortem, live_server) -> Page:
    page = browser_of(draft.author)
    page.goto(f"/postmortems/{draft.incident_id}/")
    return page


def test_a_reason_being_typed_outlives_an_action_and_another_reason(page: Page) -> None:
    drift = page.locator(".answer", has_text="no action yet").filter(has_text="Schema drift")
    drift.get_by_text("No action, because…").click()
    reason = drift.get_by_role("textbox")
    reason.fill("The vendor mends it")
    page.get_by_role("link", name="Add an action").first.click()
    form = page.locator("form.action-form")
    form.get_by_label("Done when").fill(DONE_WHEN)
    expect(reason).to_be_visible()
    expect(reason).to_have_value("The vendor mends it")
    drift.get_by_role("button", name="Record the reason").click()
    expect(page.locator("#answers")).to_contain_text("no action, because The vendor mends it")
    assert NoActionReason.objects.get().reason == "The vendor mends it"

    expect(form).to_have_count(0)  # it closed with the answer; opened again it holds what was typed
    page.get_by_role("link", name="Add an action").first.click()
    expect(form.get_by_label("Done when")).to_have_value(DONE_WHEN)
    form.get_by_role("button", name="Add the action").click()
    expect(form.get_by_role("alert").or_(form.locator(".errorlist")).first).to_be_visible()  # without a title: refused
    page.get_by_role("link", name="Edit Cap the retries").click()
    expect(form.get_by_label("What will be done")).to_have_value("Cap the retries")
    page.get_by_role("link", name="Cancel").click()
    expect(form).to_have_count(0)
    page.get_by_role("link", name="Add an action").first.click()
    expect(form.get_by_label("Done when")).to_have_value(DONE_WHEN)
    page.get_by_role("link", name="Cancel").click()
    expect(form).to_have_count(0)
    page.get_by_role("link", name="Add an action").first.click()
    expect(form.get_by_label("Done when")).to_have_value("")
    assert Action.objects.count() == 1


def test_a_correction_being_typed_is_not_saved_over_a_newer_one(page: Page, draft: Postmortem) -> None:
    page.get_by_role("link", name="Edit Cap the retries").click()
    form = page.locator("form.action-form")
    form.get_by_label("Done when").fill(DONE_WHEN)
    page.get_by_role("link", name="Add a finding").click()
    expect(form.get_by_label("Done when")).to_have_value(DONE_WHEN)
    page.locator("#actions").get_by_text("No action, because…").first.click()
    page.locator("#actions details[open]").get_by_role("textbox").fill("x")
    page.get_by_role("button", name="Record the reason").first.click()
    expect(form).to_have_count(0)
    (action,) = draft.actions.all()
    review.rewrite(Action.objects.filter(pk=action.pk), done_when="By somebody else.")
    page.get_by_role("link", name="Edit Cap the retries").click()
    expect(form.get_by_label("Done when")).to_have_value(DONE_WHEN)
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#actions")).to_contain_text("By somebody else.")
    assert Action.objects.get().done_when == "By somebody else."
