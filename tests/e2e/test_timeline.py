"""Writing on a timeline in a browser: pasted and dropped pictures, names by keyboard, without scripts, two at once."""

from __future__ import annotations

import base64

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from incidents.response.models import Attachment, Incident
from ownership.models import Notice, Person
from tests import factories as make
from tests.e2e.conftest import Opened, faults
from tests.incidents.response.files import LOG, PNG

pytestmark = pytest.mark.django_db(transaction=True)

# What a screenshot tool leaves in the clipboard, given to the page as an event of the browser.
GIVE = """([kind, name, bytes]) => {
  const all = new DataTransfer();
  all.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, {type: "image/png"}));
  const about = kind === "paste" ? new ClipboardEvent(kind, {clipboardData: all, bubbles: true, cancelable: true})
    : new DragEvent(kind, {dataTransfer: all, bubbles: true, cancelable: true});
  document.querySelector("#timeline textarea[name=text]").dispatchEvent(about);
}"""


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor", email="maya@example.org")


@pytest.fixture
def incident() -> Incident:
    return make.incident("Slow answers")


def give(page: Page, kind: str, name: str) -> None:
    page.evaluate(GIVE, [kind, name, base64.b64encode(PNG).decode()])


def test_pictures_are_pasted_and_dropped(browser_of: Opened, maya: Person, incident: Incident) -> None:
    page = browser_of(maya)
    page.goto(f"/incidents/{incident.pk}/")
    page.keyboard.press("n")
    page.keyboard.type("p99 since the deploy")
    give(page, "paste", "image.png")
    give(page, "drop", "second.png")
    expect(page.locator("#live-polite")).to_have_text("1 attached, 2 in all.")
    page.get_by_label("What the pictures show").fill("p99 climbs\np99 falls")
    page.get_by_role("button", name="Add note").click()
    picture = page.get_by_role("img", name="p99 climbs")
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    for one in page.locator(".files img").all():
        one.evaluate("image => image.decode()")  # fails for what is no picture
    assert Attachment.objects.count() == 2
    assert faults(page, 1280) == []


def test_a_name_is_found_by_keyboard_and_told(browser_of: Opened, maya: Person, incident: Incident) -> None:
    make.person("Jonas Lind", email="jonas@example.org")
    make.person("Jonathan Wu", email="jw@example.org")
    page = browser_of(maya)
    page.goto(f"/incidents/{incident.pk}/")
    page.keyboard.press("n")
    page.keyboard.type("Please look, @jon")
    expect(page.locator("#timeline").get_by_role("option")).to_have_count(2)
    expect(page.locator("#timeline").get_by_role("option", name="Jonas Lind")).to_have_attribute(
        "aria-selected", "true"
    )
    assert faults(page, 1280) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    field = page.locator("#timeline textarea[name=text]")
    expect(field).to_have_value("Please look, @jonas@example.org ")
    expect(field).to_be_focused()
    page.keyboard.type("and @jon")
    expect(page.locator("#timeline").get_by_role("option")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("#timeline ul[role=listbox]")).to_be_hidden()
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#timeline mark")).to_have_text("@Jonas Lind")
    expect(page.locator("#messages")).to_contain_text("Nobody here is called @jon")
    assert Notice.objects.get(kind="mentioned").person.name == "Jonas Lind"


def test_two_edit_one_note(browser_of: Opened, maya: Person, incident: Incident) -> None:
    admin = make.person("Ada Admin", role="admin")
    mine, other = browser_of(maya), browser_of(admin)
    mine.goto(f"/incidents/{incident.pk}/")
    mine.locator("#timeline textarea[name=text]").fill("The model is slow.")
    mine.get_by_role("button", name="Add note").click()
    row = mine.locator("#timeline li", has_text="The model is slow.")
    row.hover()
    address = row.get_by_role("link", name="Edit").get_attribute("href") or ""
    for page, text in ((mine, "The index is slow."), (other, "The prompt is slow.")):
        page.goto(address)
        page.get_by_label("Note").fill(text)
    mine.get_by_role("button", name="Save").click()
    expect(mine.locator("#timeline")).to_contain_text("The index is slow.")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("alert")).to_contain_text("Maya Okafor changed it meanwhile")
    expect(other.get_by_role("alert")).to_contain_text("The index is slow.")
    expect(other.get_by_label("Note")).to_have_value("The prompt is slow.")
    assert faults(other, 1280) == []
    other.get_by_role("button", name="Save").click()
    expect(other.locator("#timeline")).to_contain_text("The prompt is slow.")


def test_it_all_works_without_scripts(browser: Browser, live_server, maya: Person, incident: Incident) -> None:
    client = Client()
    client.force_login(maya)
    plain = browser.new_context(
        java_script_enabled=False, base_url=live_server.url, viewport={"width": 390, "height": 800}
    )
    plain.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = plain.new_page()
    page.goto(f"/incidents/{incident.pk}/")
    page.locator("#timeline textarea[name=text]").fill("See the log, @maya")
    page.get_by_text("Attach files").click()
    page.get_by_label("Files").set_input_files([{"name": "gateway.log", "mimeType": "text/plain", "buffer": LOG}])
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("link", name="gateway.log")).to_be_visible()
    page.get_by_role("link", name="Record a fact").click()
    page.get_by_label("What happened?").fill("Provider brown-out began")
    page.get_by_label("When did it happen?").fill("2026-11-19T10:30")
    page.get_by_text("To the hour").click()
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("#timeline")).to_contain_text("Provider brown-out began")
    row = page.locator("#timeline ol.time > li", has_text="brown-out").first
    row.hover()
    row.get_by_role("button", name="Pin").click()
    expect(page.locator(".pinned")).to_contain_text("Provider brown-out began")
    page.get_by_role("link", name="Notes and facts").click()
    expect(page.locator("#timeline")).not_to_contain_text("Declared")
    plain.close()
