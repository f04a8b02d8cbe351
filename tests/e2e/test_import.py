"""A catalogue that other people wrote comes in through the browser: looked at, imported, decided about, sent again."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from ownership.models import Assignment, Claim, Component, Person, Service, Team
from tests import factories as make
from tests.e2e.conftest import faults

pytestmark = pytest.mark.django_db(transaction=True)

LARGEST = "benwilcock__backstage-catalogs"


@pytest.fixture
def archive(shared: Path, tmp_path: Path) -> Path:
    """The largest shared catalogue as the zip that somebody would make of its folder."""
    folder = shared / "catalogs" / LARGEST
    packed = tmp_path / "download.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                made.write(file, f"{LARGEST}/{file.relative_to(folder)}")
    return packed


@pytest.fixture
def editor(page: Page, live_server) -> Person:
    """Edith, signed in in the page's browser."""
    person = make.person("Edith Editor", role="editor")
    client = Client()
    client.force_login(person)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    return person


def send(page: Page, address: str, file: Path) -> None:
    page.goto(f"{address}/claims/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("Files").set_input_files(file)
    page.get_by_role("button", name="See what would come of it").click()


def test_the_largest_catalogue_from_the_look_to_the_second_time(
    page: Page, live_server, editor: Person, archive: Path
) -> None:
    send(page, live_server.url, archive)
    expect(page.get_by_role("heading", name=LARGEST)).to_be_visible()
    tallies = page.get_by_role("list", name="In numbers")
    for words in (
        "91 new services",
        "406 new components",
        "26 new teams",
        "205 new seams",
        "531 new claims",
        "5 skipped",
    ):
        expect(tallies).to_contain_text(words)
    expect(page.locator("main")).to_contain_text("nothing is written yet")
    assert Component.objects.count() == 0
    page.get_by_role("button", name="Import these").click()
    expect(page.locator("main")).to_contain_text("Who answers has not changed")
    assert (Service.objects.count(), Component.objects.count(), Team.objects.count()) == (91, 406, 26)
    assert Assignment.objects.count() == 0

    page.get_by_role("link", name="see where the files name somebody else").click()
    page.locator("#main").get_by_role("searchbox").fill("argocd-api")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name=re.compile(r"^Accept .+argocd-api")).click()
    expect(page.locator("#claims")).to_contain_text("Nothing fits")
    accepted = Claim.objects.get(state="accepted")
    held = Assignment.objects.get()
    assert (held.party, held.component, held.made_by) == (accepted.team, accepted.component, editor)

    page.goto(f"{live_server.url}/claims/")
    first = page.locator("#claims tbody tr").first
    name = first.locator("a.title").inner_text()
    first.get_by_role("button", name="Ignore").click()
    expect(page.locator("#claims tbody tr").first.locator("a.title")).not_to_have_text(name)
    page.get_by_role("link", name="Ignored").click()
    expect(page.locator("#claims")).to_contain_text("by Edith Editor")
    assert Claim.objects.filter(state="ignored").count() == 1

    page.goto(f"{live_server.url}/claims/owners/")
    page.get_by_label("user:bwilcock").check()
    page.get_by_label("The ticked ones mean").select_option(label="Edith Editor")
    page.get_by_role("button", name="Say so").click()
    expect(page.locator("#messages")).to_contain_text("user:bwilcock means Edith Editor, in 5 claims")

    send(page, live_server.url, archive)
    expect(page.locator("main")).to_contain_text("Nothing to do.")
    expect(page.get_by_role("button", name="Import these")).to_have_count(0)


@pytest.mark.parametrize("screen", [("light", 1280), ("dark", 390)], ids=["light", "dark"])
def test_the_pages_are_accessible_and_nothing_sticks_out(
    page: Page, live_server, editor: Person, tmp_path: Path, screen: tuple[str, int]
) -> None:
    theme, width = screen
    bad = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: two words}\n"
    good = (
        bad.replace("two words", "a-very-long-name-of-a-component-that-goes-on-and-on") + "spec: {owner: nobody-here}\n"
    )
    (tmp_path / "catalog-info.yaml").write_text(f"{bad}---\n{good}")
    page.set_viewport_size({"width": width, "height": 850})
    page.emulate_media(color_scheme=theme)
    send(page, live_server.url, tmp_path / "catalog-info.yaml")
    wrong = faults(page, width)
    page.get_by_role("button", name="Import the good rows").click()
    Claim.objects.update(team=make.team("Search"))
    for path in ("/catalogue/import/", "/catalogue/export/", "/claims/", "/claims/?show=vanished"):
        page.goto(f"{live_server.url}{path}")
        wrong += faults(page, width)
    Claim.objects.update(team=None)
    page.goto(f"{live_server.url}/claims/owners/")
    wrong += faults(page, width)
    assert wrong == []
