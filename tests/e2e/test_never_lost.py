"""Whatever happens between a keystroke and the server, the text is there afterwards, and the page says where it is."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import BrowserContext, Page, Playwright, Route, expect

from incidents.postmortems.models import Postmortem
from tests import factories as make
from tests import services
from tests.e2e.conftest import FLAGS, Opened
from tests.e2e.desk import SAVED, below, editor, line, look_again, offers, sign_in, sign_in_by_form, text_of
from tests.e2e.stack import ROOT, eventually, free_port
from tests.incidents.postmortems import factories as review

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
FILL_UP = """() => {
  for (let size = 1 << 20; size; size >>= 1) {
    try { for (let n = 0; ; n += 1) localStorage.setItem(`full-${size}-${n}`, "x".repeat(size)); } catch {}
  }
}"""


@pytest.fixture
def draft() -> Postmortem:
    return review.draft(by=make.person("Maya Okafor"))


@pytest.fixture
def page(browser_of: Opened, draft: Postmortem) -> Page:
    """The draft, opened by its author."""
    page = browser_of(draft.author)
    page.goto(f"/postmortems/{draft.incident_id}/")
    return page


def another_tab(page: Page) -> Page:
    tab = page.context.new_page()
    tab.goto(page.url)
    return tab


# ---- the session ----


def test_signed_in_again_in_another_tab_the_text_is_saved_from_where_it_stands(page: Page, draft: Postmortem) -> None:
    Session.objects.all().delete()
    editor(page).fill("Longer than the session.")
    expect(below(page)).to_contain_text("You are signed out.")
    editor(page).press_sequentially(" And on.")
    other = page.context.new_page()
    other.goto(page.url)
    sign_in_by_form(other, draft.author, make.PASSWORD)  # which makes the token of this page an old one
    other.close()
    look_again(page)
    expect(line(page)).to_have_text(SAVED)
    expect(below(page)).to_be_empty()
    assert text_of(draft) == "Longer than the session. And on."
    editor(page).press_sequentially(" And after.")
    expect(line(page)).to_have_text("Not saved yet")
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft).endswith("And after.")


def test_signed_in_again_in_the_same_tab_the_text_is_offered_and_saved(page: Page, draft: Postmortem) -> None:
    Session.objects.all().delete()
    editor(page).fill("Longer than the session.")
    below(page).get_by_role("link", name="Sign in again").click()
    sign_in_by_form(page, draft.author, make.PASSWORD)
    expect(page).to_have_url(re.compile(f"/postmortems/{draft.incident_id}/$"))
    offers(page).get_by_role("button", name="Put it back").click()
    expect(line(page)).to_have_text(SAVED)
    expect(offers(page)).to_have_count(0)
    assert text_of(draft) == "Longer than the session."


def test_a_new_token_from_another_tab_is_taken_without_a_word(page: Page, draft: Postmortem) -> None:
    other = page.context.new_page()
    other.goto(f"{page.url.split('/postmortems/')[0]}/accounts/logout/")
    other.get_by_role("button", name="Sign out").last.click()
    sign_in_by_form(other, draft.author, make.PASSWORD)
    editor(page).fill("Written with an old token.")
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "Written with an old token."


def test_what_one_wrote_is_not_saved_as_somebody_elses(page: Page, draft: Postmortem) -> None:
    Session.objects.all().delete()
    editor(page).fill("Maya's own words.")
    expect(below(page)).to_contain_text("You are signed out.")
    other = page.context.new_page()
    other.goto(page.url)
    sign_in_by_form(other, make.person("Jonas Lind"), make.PASSWORD)
    look_again(page)
    expect(below(page)).to_contain_text("Somebody else is signed in now. Your text is kept in this browser")
    assert text_of(draft) == ""


# ---- the server and the way to it ----


@contextmanager
def serving(port: int, log: Path) -> Iterator[None]:
    """A server of its own process on the database of the test; killed at the end, as machines go."""
    given = connection.settings_dict
    host = quote(given["HOST"] or "127.0.0.1", safe="")  # a socket's folder has slashes
    where = f"{given['USER'] or 'postgres'}:{given['PASSWORD']}@{host}:{given['PORT'] or 5432}"
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{where}/{given['NAME']}",
        "SECRET_KEY": settings.SECRET_KEY,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "DEBUG": "1",
    }
    command = [sys.executable, "manage.py", "runserver", "--noreload", "--insecure", str(port)]
    with log.open("a") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        eventually(lambda: process.poll() is not None or _listens(port), what="the server listens", within=60)
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.kill()
        process.wait(timeout=10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_that_goes_and_comes_back_gets_all_that_was_written(
    draft: Postmortem, context: BrowserContext, tmp_path: Path
) -> None:
    port = free_port()
    page = context.new_page()
    sign_in(context, f"http://127.0.0.1:{port}", draft.author)
    with serving(port, tmp_path / "server.log"):
        page.goto(f"http://127.0.0.1:{port}/postmortems/{draft.incident_id}/")
        editor(page).fill("Before it went.")
        expect(line(page)).to_have_text(SAVED)
    editor(page).press_sequentially(" While it was gone.")
    expect(line(page)).to_contain_text("No connection: kept here, sent again soon")
    editor(page).press_sequentially(" All the time.")
    with serving(port, tmp_path / "server.log"):
        expect(line(page)).to_have_text(SAVED, timeout=45_000)
        assert text_of(draft) == "Before it went. While it was gone. All the time."


def test_a_server_that_fails_is_tried_again(page: Page, draft: Postmortem) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=503, body="busy")

    page.route("**/sections/surprised/", fail, times=1)
    editor(page).fill("Into the storm.")
    expect(line(page)).to_contain_text("The server cannot save now: kept here, sent again soon")
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "Into the storm."


def test_cut_off_in_the_middle_of_a_sentence_and_back(page: Page, draft: Postmortem) -> None:
    editor(page).press_sequentially("We believed in ")
    expect(line(page)).to_have_text(SAVED)
    page.context.set_offline(True)
    editor(page).press_sequentially("the fallb")
    expect(line(page)).to_contain_text("No connection")
    editor(page).press_sequentially("ack")
    page.context.set_offline(False)
    editor(page).press_sequentially(".")
    expect(line(page)).to_have_text(SAVED)
    expect(editor(page)).to_be_focused()
    assert text_of(draft) == "We believed in the fallback."


# ---- the browser ----


def test_a_browser_that_keeps_no_copy_says_so_and_asks_before_it_is_left(page: Page, draft: Postmortem) -> None:
    page.evaluate(FILL_UP)
    page.context.set_offline(True)
    editor(page).press_sequentially("Nowhere but here.")
    expect(line(page)).to_contain_text("No connection: keep this page open, sent again soon")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    eventually(lambda: page.evaluate("1") == 1 and asked == ["beforeunload"], what="the browser asks")
    page.context.set_offline(False)
    expect(line(page)).to_have_text(SAVED)
    assert text_of(draft) == "Nowhere but here."


def test_two_tabs_of_one_person_keep_both_texts(page: Page, draft: Postmortem) -> None:
    other = another_tab(page)
    page.context.set_offline(True)
    editor(page).fill("From the first tab.")
    editor(other).fill("From the second tab.")
    for tab in (page, other):
        expect(line(tab)).to_contain_text("No connection")
    expect(offers(other)).to_have_count(0)  # the first tab is still there
    page.close()
    expect(offers(other)).to_contain_text("From the first tab.")
    expect(editor(other)).to_have_value("From the second tab.")
    other.context.set_offline(False)
    expect(line(other)).to_have_text(SAVED)
    assert text_of(draft) == "From the second tab."
    expect(offers(other)).to_contain_text("From the first tab.")
    offers(other).get_by_role("button", name="Put it back").click()
    expect(other.locator("[data-conflict]")).to_contain_text("You saved this section elsewhere")
    assert text_of(draft) == "From the second tab."


def test_two_tabs_of_one_person_take_turns(page: Page, draft: Postmortem) -> None:
    other = another_tab(page)
    editor(page).fill("From the first tab.")
    expect(line(page)).to_have_text(SAVED)
    look_again(other)
    expect(editor(other)).to_have_value("From the first tab.")
    editor(other).press("Control+End")
    editor(other).press_sequentially(" And the second.")
    expect(line(other)).to_have_text(SAVED)
    expect(other.locator("[data-conflict]")).to_have_count(0)
    assert text_of(draft) == "From the first tab. And the second."


@contextmanager
def chromium(playwright: Playwright, profile: Path) -> Iterator[tuple[BrowserContext, subprocess.Popen[bytes]]]:
    """A browser in a process that can be killed, with a profile that stays."""
    port = free_port()
    path = services.chromium()
    assert path
    command = [path, *FLAGS, "--headless=new", f"--remote-debugging-port={port}", f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        [*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        eventually(lambda: _listens(port), what="the browser listens")
        browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        yield browser.contexts[0], process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def test_a_killed_browser_offers_the_text_back(
    playwright_of_tests: Playwright, live_server, draft: Postmortem, tmp_path: Path
) -> None:
    address = f"{live_server.url}/postmortems/{draft.incident_id}/"
    with chromium(playwright_of_tests, tmp_path) as (context, process):
        sign_in(context, live_server.url, draft.author)
        page = context.new_page()
        page.goto(address)
        page.route("**/sections/surprised/", lambda route: route.abort())
        editor(page).press_sequentially("Written before the power went.")
        expect(line(page)).to_contain_text("No connection")
        time.sleep(7)  # Chromium writes what pages keep to the disk every few seconds
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
    assert text_of(draft) == ""
    with chromium(playwright_of_tests, tmp_path) as (context, _):
        sign_in(context, live_server.url, draft.author)
        page = context.new_page()
        page.goto(address)
        offers(page).get_by_role("button", name="Put it back").click()
        expect(line(page)).to_have_text(SAVED)
        assert text_of(draft) == "Written before the power went."


# ---- what must not stay for ever ----

KEPT = "() => Object.keys(localStorage).filter((key) => /^seamline:\\d+:/.test(key))"


def keep(page: Page, person: int, days: float, text: str = "Kept.", key: str = "1:surprised") -> None:
    """As if written this long ago on a page that is gone."""
    page.evaluate(
        """([name, days, text]) => localStorage.setItem(
             `seamline:${name}|gone`, JSON.stringify({ text, revision: 0, at: Date.now() - days * 86_400_000 }))""",
        [f"{person}:{key}", days, text],
    )


def test_drafts_grow_old_and_go_with_who_signs_out(page: Page, draft: Postmortem) -> None:
    me = draft.author_id
    keep(page, me, 13)
    keep(page, me, 15, key="2:surprised")
    keep(page, me + 1, 0.5)
    keep(page, me + 1, 1.5, key="2:surprised")
    page.goto("/")
    assert sorted(page.evaluate(KEPT)) == [f"seamline:{one}:1:surprised|gone" for one in (me, me + 1)]
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Sign out").click()
    assert asked == ["One text of yours is not saved, only kept in this browser. Sign out and throw that away?"]
    assert len(page.evaluate(KEPT)) == 2
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))
    assert page.evaluate(KEPT) == [f"seamline:{me + 1}:1:surprised|gone"]


def test_a_text_without_a_field_is_offered_to_copy(page: Page, draft: Postmortem) -> None:
    keep(page, draft.author_id, 0, "Too late.", f"{draft.pk}:surprised")
    keep(page, draft.author_id + 1, 0, "Somebody else's.", f"{draft.pk}:surprised")
    Postmortem.objects.filter(pk=draft.pk).update(published_at=draft.started_at, published_by=draft.author)
    page.goto(page.url)
    left = page.locator("[data-left-of]")
    expect(left.locator("textarea")).to_have_value("Too late.")
    left.get_by_role("button", name="Throw it away").click()
    expect(left.locator("textarea")).to_have_count(0)
    assert len(page.evaluate(KEPT)) == 1
