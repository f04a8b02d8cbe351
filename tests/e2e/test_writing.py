"""Writing a section in a real browser: tools, preview, two people at once, a conflict merged, the past brought back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from incidents.postmortems.models import Postmortem
from ownership.models import Person
from tests import factories as make
from tests.e2e.conftest import Opened, faults
from tests.e2e.desk import SAVED, SENTENCES, below, editor, line, look_again, sign_in, text_of
from tests.incidents.postmortems import factories as review

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def jonas() -> Person:
    return make.person("Jonas Lind")


@pytest.fixture
def draft() -> Postmortem:
    made = review.draft(by=make.person("Maya Okafor"))
    review.write(made, "surprised", SENTENCES)
    return made


@pytest.fixture
def page(browser_of: Opened, draft: Postmortem) -> Page:
    page = browser_of(draft.author)
    page.goto(f"/postmortems/{draft.incident_id}/")
    return page


def test_tools_keys_and_undo(page: Page, draft: Postmortem) -> None:
    field = editor(page)
    field.fill("one two")
    field.press("Control+End")
    field.press("Control+Shift+ArrowLeft")
    field.press("Control+b")
    expect(field).to_have_value("one **two**")
    field.press("Control+b")
    expect(field).to_have_value("one two")
    field.press("Control+k")
    expect(field).to_have_value("one [two](https://)")
    field.press_sequentially("example.org")
    bar = page.get_by_role("toolbar", name="Formatting of “What surprised us”")
    bar.get_by_role("button", name="List").click()
    expect(field).to_be_focused()
    expect(field).to_have_value("- one [two](example.org)")
    for _ in range(20):
        field.press("Control+z")
    expect(field).not_to_have_value("- one [two](example.org)")
    for _ in range(20):
        field.press("Control+Shift+z")
    expect(field).to_have_value("- one [two](example.org)")
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "- one [two](example.org)"


def test_the_tools_are_one_stop_of_the_tab_key(page: Page) -> None:
    field = editor(page)
    field.focus()
    page.keyboard.press("Shift+Tab")
    bar = page.get_by_role("toolbar", name="Formatting of “What surprised us”")
    expect(bar.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(bar.get_by_role("button", name="Code")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()


def test_a_preview_is_what_readers_see_and_leads_back(page: Page) -> None:
    editor(page).fill("# Why\n\n**Two** loops")
    section = page.locator("#section-surprised")
    section.get_by_role("button", name="Preview").press("Enter")
    shown = section.get_by_role("region", name="Preview")
    expect(shown.get_by_role("heading", name="Why")).to_be_visible()
    expect(shown).to_be_focused()
    expect(section.locator("textarea[name=text]")).to_be_hidden()
    assert faults(page, 1280) == []
    section.get_by_role("button", name="Go on writing").press("Enter")
    expect(editor(page)).to_be_focused()
    expect(editor(page)).to_have_value("# Why\n\n**Two** loops")


def test_two_people_see_each_other_and_what_the_other_saved(
    page: Page, browser_of: Opened, draft: Postmortem, jonas: Person
) -> None:
    theirs = browser_of(jonas)
    theirs.goto(f"/postmortems/{draft.incident_id}/")
    editor(theirs).press("Control+Home")
    theirs.wait_for_timeout(1_000)  # the page says where it writes a moment after
    look_again(page)
    expect(page.locator("#here")).to_contain_text("Jonas Lind writing in “What surprised us”")
    expect(page.locator("#section-surprised [data-writers]")).to_have_text("Jonas Lind is writing here")
    field = editor(page)
    field.focus()
    field.evaluate("field => field.setSelectionRange(5, 9)")
    editor(theirs).press("Control+End")
    editor(theirs).press_sequentially(" Then it was over.")
    expect(line(theirs)).to_have_text(SAVED)
    look_again(page)
    expect(field).to_have_value(f"{SENTENCES} Then it was over.")
    expect(below(page)).to_contain_text("Jonas Lind saved this section; shown now.")
    expect(field).to_be_focused()
    assert field.evaluate("field => [field.selectionStart, field.selectionEnd]") == [5, 9]
    field.press("Control+End")
    field.press_sequentially(" Really.")
    expect(line(page)).to_contain_text("Saved")
    expect(page.locator("[data-conflict]")).to_have_count(0)


def test_who_writes_is_told_before_it_becomes_a_conflict(page: Page, draft: Postmortem, jonas: Person) -> None:
    page.route("**/sections/surprised/", lambda route: route.abort())
    editor(page).press("Control+End")
    editor(page).press_sequentially(" Mine.")
    expect(line(page)).to_contain_text("No connection")
    review.write(draft, "surprised", f"Theirs. {SENTENCES}", by=jonas)
    look_again(page)
    expect(below(page)).to_contain_text("Jonas Lind saved this section meanwhile.")
    expect(editor(page)).to_have_value(f"{SENTENCES} Mine.")


def test_a_hidden_tab_asks_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/here/") else None)
    look_again(page)
    page.wait_for_timeout(1_500)
    assert asked
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    asked.clear()
    look_again(page)
    page.wait_for_timeout(12_000)
    assert asked == []


def test_a_conflict_is_merged_by_keyboard_and_a_second_one_loses_nothing(
    page: Page, draft: Postmortem, jonas: Person
) -> None:
    review.write(draft, "surprised", "It was down. Nobody saw it for 40 min. We waited.", by=jonas)
    editor(page).fill("It was very slow. Nobody saw it. We waited. Then it was over.")
    panel = page.locator("[data-conflict]")
    expect(panel).to_contain_text("Both changed this: choose")
    expect(panel.locator("ins").first).to_contain_text("very slow")
    assert faults(page, 1280) == []
    panel.get_by_role("radio", name="Both, yours first").first.focus()
    page.keyboard.press("Space")
    panel.get_by_role("radio", name="nothing").or_(panel.get_by_role("radio")).last.scroll_into_view_if_needed()
    review.write(draft, "surprised", "It was down. Nobody saw it for 40 min. We waited. Jonas left.", by=jonas)
    panel.get_by_role("button", name="Save").press("Enter")
    expect(panel).to_contain_text("Jonas left.")
    merged = editor(page).input_value()
    assert "very slow" in merged
    assert "for 40 min" in merged or "Nobody saw it." in merged
    for one in panel.get_by_role("group").all():
        both = one.get_by_role("radio", name="Both")
        (both if both.count() else one.get_by_role("radio").first).check()
    panel.get_by_role("button", name="Save").press("Enter")
    expect(line(page)).to_have_text(SAVED)
    expect(panel).to_have_count(0)
    saved = text_of(draft)
    assert "very slow" in saved
    assert "Then it was over." in saved
    assert "Jonas left." in saved
    assert editor(page).input_value() == saved


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_history_is_read_and_restored(page: Page, draft: Postmortem, jonas: Person, theme: str, width: int) -> None:
    review.write(draft, "surprised", "It was down.", by=jonas)
    page.set_viewport_size({"width": width, "height": 850})
    page.emulate_media(color_scheme=theme)
    page.reload()
    page.get_by_role("link", name="History of “What surprised us”").click()
    page.get_by_role("link", name="What revision 2 changed").click()
    expect(page.locator(".diff")).to_contain_text("It was down.")
    assert faults(page, width) == []
    page.get_by_role("link", name="Revision 1 against what stands now").click()
    page.get_by_role("button", name="Restore revision 1").click()
    expect(editor(page)).to_have_value(SENTENCES)
    assert text_of(draft) == SENTENCES


def test_without_javascript_one_previews_merges_and_restores(
    live_server, draft: Postmortem, jonas: Person, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, live_server.url, draft.author)
    page = context.new_page()
    page.goto(f"{live_server.url}/postmortems/{draft.incident_id}/")
    section = page.locator("#section-surprised")
    review.write(draft, "surprised", "It was down. Nobody saw it. We waited.", by=jonas)
    editor(page).fill("It was very slow. **Nobody** saw it. We waited.")
    section.get_by_role("button", name="Preview").click()
    expect(section.get_by_role("region", name="Preview").locator("strong")).to_have_text("Nobody")
    section.get_by_role("button", name="Save", exact=True).click()
    panel = section.locator("[data-conflict]")
    panel.get_by_role("radio", name="Saved").first.check()
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_have_count(0)
    assert text_of(draft).startswith("It was down.")
    section.get_by_role("link", name="History").click()
    page.get_by_role("link", name="Revision 1 against what stands now").click()
    page.get_by_role("button", name="Restore revision 1").click()
    assert text_of(draft) == SENTENCES
    context.close()
