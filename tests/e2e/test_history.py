"""A file of past incidents comes in through the browser, its mapping mended on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from incidents.response.models import Incident
from tests import factories as make
from tests.e2e.conftest import faults
from tests.e2e.desk import sign_in
from tests.incidents.history.past import FULL, MAPPING, plain

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_look_to_the_import(page: Page, live_server, tmp_path: Path) -> None:
    sign_in(page.context, live_server.url, make.person("Edith Editor", role="editor"))
    file = tmp_path / "past.jsonl"
    file.write_text(json.dumps(FULL) + "\n" + json.dumps(plain(seen="yesterday")))
    page.goto(f"{live_server.url}/patterns/import/")
    assert faults(page, 1280) == []
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("textbox", name="Mapping").fill(MAPPING.replace("old tool", "somewhere"))
    page.get_by_role("button", name="See what would come of it").click()
    expect(page.get_by_role("list", name="In numbers")).to_contain_text("1 new incident")
    assert faults(page, 1280) == []

    page.locator("summary", has_text="Mapping").click()
    page.get_by_role("textbox", name="Mapping").fill(MAPPING)
    page.get_by_role("button", name="Look again with this mapping").click()
    expect(page.get_by_text("2 rows of old tool")).to_be_visible()
    assert Incident.objects.count() == 0
    page.get_by_role("button", name="Import the good rows").click()
    expect(page.get_by_text("past.jsonl is imported. Nobody was told.")).to_be_visible()
    assert Incident.objects.get().title == FULL["title"]
