"""Writing a postmortem in a real browser: nothing typed is lost, whatever happens to page, session or connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from incidents.postmortems.models import Action, Postmortem
from incidents.response.models import Finding, Incident
from tests import factories as make
from tests.e2e.desk import SAVED, editor, line, sign_in, text_of
from tests.incidents.postmortems import factories as review

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft() -> Postmortem:
    service = make.service("Support answers", owner=make.person("Priya Nair"))
    return review.draft(by=make.person("Maya Okafor"), service=service)


@pytest.fixture
def context(live_server, draft: Postmortem, browser: Browser) -> Iterator[BrowserContext]:
    """A browser signed in as the author."""
    made = browser.new_context(color_scheme="light")
    sign_in(made, live_server.url, draft.author)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, live_server, draft: Postmortem) -> Iterator[Page]:
    """The draft, opened; fails the test when a script throws or the policy is broken."""
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if "Content Security" in line.text else None)
    page.goto(f"{live_server.url}/postmortems/{draft.incident_id}/")
    yield page
    assert troubles == []


def test_it_saves_while_one_writes_and_leaves_the_field_alone(page: Page, draft: Postmortem):
    expect(page.locator("#section-surprised").get_by_role("button", name="Save")).to_be_hidden()
    editor(page).press_sequentially("We believed in the fallback.")
    expect(line(page)).to_have_text("Not saved yet")
    expect(line(page)).to_have_text(SAVED)
    expect(editor(page)).to_be_focused()
    editor(page).press_sequentially(" And in retries. ")
    expect(line(page)).to_have_text("Not saved yet")
    expect(line(page)).to_have_text(SAVED)
    expect(editor(page)).to_have_value("We believed in the fallback. And in retries. ")
    assert text_of(draft) == "We believed in the fallback. And in retries."
    assert review.section(draft).revision == 2
    expect(page.locator("#checklist")).not_to_contain_text("What surprised us")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('seamline:'))") == []


def test_publish_saves_first(page: Page, draft: Postmortem):
    editor(page).fill("Typed just now.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Not published yet.")).to_be_visible()
    assert text_of(draft) == "Typed just now."


def test_two_writers_conflict_and_mine_is_kept(page: Page, draft: Postmortem):
    review.write(draft, "surprised", "Theirs.", by=make.person("Jonas Lind"))
    editor(page).fill("Mine.")
    panel = page.locator("[data-conflict]")
    expect(panel).to_contain_text("Jonas Lind saved this section")
    expect(panel).to_contain_text("Theirs.")
    expect(line(page)).to_contain_text("Not saved")
    editor(page).fill("Mine and theirs.")
    panel.get_by_role("button", name="Keep mine").click()
    expect(panel).to_be_hidden()
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "Mine and theirs."
    editor(page).press_sequentially(" Merged.")
    expect(line(page)).to_have_text("Not saved yet")
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "Mine and theirs. Merged."


def test_two_writers_conflict_and_theirs_is_taken(page: Page, draft: Postmortem):
    review.write(draft, "surprised", "Theirs.\n\nWith a second line.", by=make.person("Jonas Lind"))
    editor(page).fill("Mine.")
    page.get_by_role("link", name="Take theirs").click()
    expect(editor(page)).to_have_value("Theirs.\n\nWith a second line.")
    editor(page).press_sequentially(" And mine.")
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "Theirs.\n\nWith a second line. And mine."


def test_a_lost_connection_keeps_the_text_and_sends_it_later(page: Page, draft: Postmortem, context: BrowserContext):
    context.set_offline(True)
    editor(page).fill("Written in a tunnel.")
    expect(line(page)).to_contain_text("No connection")
    assert text_of(draft) == ""
    editor(page).press_sequentially(" Still in it.")
    context.set_offline(False)
    expect(line(page)).to_have_text(SAVED, timeout=10_000)
    assert text_of(draft) == "Written in a tunnel. Still in it."


def test_an_answer_lost_on_the_way_is_no_conflict_with_oneself(page: Page, draft: Postmortem):
    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/sections/surprised/", lose_the_answer, times=1)
    editor(page).fill("It arrived.")
    expect(line(page)).to_contain_text("No connection")
    assert text_of(draft) == "It arrived."
    editor(page).press_sequentially(" And more.")
    expect(line(page)).to_have_text(SAVED, timeout=10_000)
    expect(page.locator("[data-conflict]")).to_have_count(0)
    assert text_of(draft) == "It arrived. And more."


def test_a_reload_offers_unsaved_text_back(page: Page, draft: Postmortem):
    page.route("**/sections/surprised/", lambda route: route.abort())
    editor(page).fill("Not yet on the server.")
    expect(line(page)).to_contain_text("No connection")
    page.unroute("**/sections/surprised/")
    page.route("**/sections/surprised/", lambda route: route.abort())
    page.reload()
    page.unroute("**/sections/surprised/")
    expect(editor(page)).to_have_value("")
    offer = page.locator("#section-surprised .offer")
    expect(offer).to_contain_text("Not yet on the server.")
    offer.get_by_role("button", name="Put it back").click()
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "Not yet on the server."
    page.reload()
    expect(page.locator(".offer")).to_have_count(0)


def test_an_expired_session_keeps_the_text_until_one_is_back(
    page: Page, draft: Postmortem, context: BrowserContext, live_server
):
    Session.objects.all().delete()
    editor(page).fill("Longer than the session.")
    below = page.locator("#section-surprised [data-below]")
    expect(below).to_contain_text("You are signed out.")
    way_back = below.get_by_role("link", name="Sign in again").get_attribute("href")
    assert way_back == f"/accounts/login/?next=%2Fpostmortems%2F{draft.incident_id}%2F"
    sign_in(context, live_server.url, draft.author)
    page.goto(f"{live_server.url}/postmortems/{draft.incident_id}/")
    page.locator(".offer").get_by_role("button", name="Put it back").click()
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "Longer than the session."


def test_what_a_finding_brings_appears_without_touching_the_text(page: Page, draft: Postmortem):
    editor(page).fill("Half a sent")
    page.get_by_role("link", name="Add a finding").click()
    page.get_by_label("Layer and mode").select_option("data.schema_drift")
    page.get_by_role("button", name="Add the finding").click()
    expect(page.locator("#findings")).to_contain_text("what shows it?")
    page.get_by_label("What shows it?").fill("diff of v118")
    page.get_by_role("button", name="Add the finding").click()
    expect(page.locator("#findings")).to_contain_text("schema drift")
    expect(page.locator("#questions")).to_contain_text("Which contract says what this data means")
    expect(page.locator("#checklist")).to_contain_text("Action or reason for “schema drift”")
    answers = page.locator("#answers")
    expect(answers).to_contain_text("schema drift")
    answers.locator(".answer", has_text="schema drift").get_by_role("link", name="Add an action").click()
    page.get_by_label("What will be done").fill("Contract in CI")
    page.get_by_role("button", name="Add the action").click()
    expect(page.locator("#actions")).to_contain_text("Contract in CI")
    expect(page.locator("#checklist")).not_to_contain_text("Action or reason for “schema drift”")
    expect(editor(page)).to_have_value("Half a sent")
    assert Action.objects.get().owner.name == "Priya Nair"
    assert Finding.objects.filter(mode_id="data.schema_drift", state="reviewed").count() == 1


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_accessible_and_nothing_sticks_out(page: Page, draft: Postmortem, theme: str, width: int):
    review.action(draft, due_on=None)
    Incident.objects.update(impact_from=None, impact_precision="unknown")
    page.set_viewport_size({"width": width, "height": 850})
    page.emulate_media(color_scheme=theme)
    for tail in ("", "findings/new/", "actions/new/", "?preview", "title/"):
        page.goto(page.url.split("/postmortems/")[0] + f"/postmortems/{draft.incident_id}/{tail}")
        assert [found["id"] for found in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(page.url.split("/postmortems/")[0] + "/postmortems/")
    assert [found["id"] for found in Axe().run(page).response["violations"]] == []


def test_everything_works_without_javascript(live_server, draft: Postmortem, browser: Browser):
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, live_server.url, draft.author)
    page = context.new_page()
    page.goto(f"{live_server.url}/postmortems/{draft.incident_id}/")
    review.write(draft, "surprised", "Theirs.", by=make.person("Jonas Lind"))
    editor(page).fill("Mine.")
    page.locator("#section-surprised").get_by_role("button", name="Save").click()
    expect(page.locator("[data-conflict]")).to_contain_text("Theirs.")
    expect(editor(page)).to_have_value("Mine.")
    page.get_by_role("button", name="Keep mine").click()
    expect(line(page)).to_have_text(SAVED)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#findings")).to_contain_text("reviewed, probable")
    context.close()
    assert text_of(draft) == "Mine."
