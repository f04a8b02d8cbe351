"""Comments and hints on wording in a real browser: a hint while one types, a thread by keyboard, axe clean."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from incidents.postmortems.models import Comment, Postmortem, QuietHint
from tests import factories as make
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db(transaction=True)
HINT = "“should have tested” looks back"


@pytest.fixture
def draft() -> Postmortem:
    return review.draft(by=make.person("Maya Okafor"), service=make.service("Support answers"))


@pytest.fixture
def page(browser_of, live_server, draft: Postmortem) -> Page:
    opened: Page = browser_of(draft.author)
    opened.goto(f"{live_server.url}/postmortems/{draft.incident_id}/")
    return opened


def faults(page: Page) -> list[str]:
    return [one["id"] for one in Axe().run(page).response["violations"]]


def test_a_hint_comes_while_one_writes_and_goes_when_waved_away(page: Page, draft: Postmortem) -> None:
    below, beside = page.locator("#hints-section-surprised"), page.locator("#wording")
    field = page.get_by_role("textbox", name="What surprised us")
    field.press_sequentially("We should have tested it. ")
    expect(below).to_contain_text(HINT)
    expect(beside).to_contain_text(HINT)
    expect(field).to_be_focused()
    field.press_sequentially("Obviously.")
    expect(below).to_contain_text("“Obviously” judges")
    assert faults(page) == []
    below.get_by_role("button", name="“should have tested”").press("Enter")
    expect(below).not_to_contain_text(HINT)
    expect(beside).not_to_contain_text(HINT)
    expect(below).to_contain_text("“Obviously” judges")
    field.press_sequentially(" More.")
    expect(page.locator("#saved-surprised")).to_contain_text("Saved")
    expect(below).not_to_contain_text(HINT)
    assert QuietHint.objects.get().excerpt == "should have tested"
    beside.get_by_role("button", name="Bring back").press("Enter")
    expect(below).to_contain_text(HINT)


def test_a_thread_is_begun_answered_and_resolved_by_keyboard(page: Page, draft: Postmortem) -> None:
    field = page.get_by_role("textbox", name="What surprised us")
    field.fill("Two loops retried.")
    field.evaluate("area => area.setSelectionRange(0, 9)")
    talk = page.locator("#comments-section-surprised")
    talk.locator("> summary").press("Enter")
    expect(talk.get_by_label("About these words")).to_have_value("Two loops")
    talk.get_by_label("Comment", exact=True).press_sequentially("Which *two*?")
    talk.get_by_role("button", name="Comment").press("Enter")
    expect(talk.locator(".comment em")).to_have_text("two")
    expect(talk.locator(".comment").first).to_be_focused()
    expect(talk.locator("> summary")).to_contain_text("1 open comment")
    expect(page.locator("#checklist")).to_contain_text("1 open comment")
    assert faults(page) == []
    talk.locator("summary", has_text="Answer").press("Enter")
    talk.get_by_label("Answer", exact=True).press_sequentially("The client's and the retriever's.")
    talk.get_by_role("button", name="Answer").press("Enter")
    expect(talk.locator(".comment.reply")).to_contain_text("The client's")
    talk.get_by_role("button", name="Resolve").press("Enter")
    expect(talk.locator("> summary")).to_contain_text("1 resolved comment")
    talk.get_by_role("link", name="Show 1 resolved").press("Enter")
    expect(page.locator("#comments-section-surprised .comment.reply")).to_be_visible()
    page.locator("#comments-section-surprised").get_by_role("button", name="Open again").press("Enter")
    expect(page.locator("#comments-section-surprised > summary")).to_contain_text("1 open comment")
    assert Comment.objects.filter(answers_to=None, resolved_at=None).count() == 1


def test_the_rules_explain_themselves(page: Page, live_server) -> None:
    page.goto(f"{live_server.url}/postmortems/wording/")
    expect(page.get_by_role("heading", name="Looking back with later knowledge")).to_be_visible()
    assert faults(page) == []
