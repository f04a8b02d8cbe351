"""The coverage worklist: a service with several gaps is worked down to none by following the cures."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from ownership.models import Component, Dependency, Person, Service
from tests import factories as make
from tests.e2e.conftest import faults

pytestmark = pytest.mark.django_db(transaction=True)

GAPS = "/coverage/?service=fraud-score#gaps"


@pytest.fixture
def editor(live_server, context: BrowserContext) -> Person:
    """An editor, signed in, and a service that nobody answers for, with two teams on its path."""
    made = make.person("Maya Okafor", role="editor")
    client = Client()
    client.force_login(made)
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )  # fmt: skip
    service = make.service("Fraud score", tier="t1", archetype="scoring")
    stream, scoring = make.team("Streaming", made), make.team("Scoring", make.person("Jonas Lind"))
    kinds = {"Events": "dataset", "Features": "feature_pipeline", "Scorer": "model"}
    parts = [
        make.component(name, kind=kind, of=service, custodian=stream if kind == "dataset" else scoring)
        for name, kind in kinds.items()
    ]
    Dependency.objects.create(upstream=parts[1], downstream=parts[0], kind="event")
    Dependency.objects.create(upstream=parts[2], downstream=parts[1])
    return made


def left(page: Page, address: str) -> list[str]:
    """What the worklist still says about the service."""
    page.goto(address + GAPS)
    return [words.split("\n")[0] for words in page.locator("#gaps tbody td:nth-child(2)").all_inner_texts()]


def follow(page: Page, cure: str) -> None:
    page.locator("#gaps").get_by_role("link", name=cure).first.click()


def test_a_service_is_worked_down_to_no_gap(editor: Person, live_server, page: Page) -> None:
    address = live_server.url
    assert left(page, address) == ["Nobody accountable", "Two half-owners", "No eval suite", "No deputy"]
    expect(page.locator("#states")).to_contain_text("0 of 1 service has somebody who said yes; 1 has nobody.")

    follow(page, "Say who answers")
    answers = page.locator("#answers")
    answers.locator("select[name=party]").select_option(label="Maya Okafor")
    answers.get_by_role("button", name="Say who answers").click()
    expect(answers).to_contain_text("accountable since")
    expect(page.locator("#missing")).not_to_contain_text("Nobody accountable")  # it came along
    assert left(page, address) == ["Two half-owners", "No eval suite", "No deputy"]

    follow(page, "Name a deputy")
    expect(page.locator("#answers select[name=role]")).to_have_value("deputy")  # the fold is open, the role chosen
    page.locator("#answers select[name=party]").select_option(label="Scoring")
    page.locator("#answers").get_by_role("button", name="Say who answers").click()
    expect(page.locator("#missing")).not_to_contain_text("No deputy")

    left(page, address)
    follow(page, "Add the part")
    page.locator("#path summary").first.click()
    page.locator("#path input[name=component]").fill("Nightly eval")
    page.locator("#path select[name=kind]").select_option("eval_suite")
    page.locator("#path").get_by_role("button", name="Add the part").click()
    expect(page.locator("#path")).to_contain_text("Nightly eval")
    assert left(page, address) == ["Two half-owners", "No custodian"]

    follow(page, "Name its team")
    page.locator("select[name=custodian]").select_option(label="Scoring")
    page.get_by_role("button", name="Save").click()
    assert left(page, address) == ["Two half-owners"]

    follow(page, "Unowned on purpose")
    page.get_by_label("Why does nobody need to answer").fill("Both teams sit together; one on-call rota.")
    page.get_by_role("button", name="Deliberately unowned").click()
    expect(page.locator("#messages, .messages").first).to_contain_text("is deliberately unowned from now on")

    assert left(page, address) == []
    expect(page.locator("#gaps")).to_contain_text("Nothing is missing here")
    expect(page.locator("#states")).to_contain_text("1 of 1 service has somebody who said yes.")
    page.goto(f"{address}/services/fraud-score/")
    expect(page.locator("#missing")).to_contain_text("Nothing is missing")


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_the_pages_are_accessible_and_nothing_sticks_out(
    editor: Person, live_server, page: Page, theme: str, width: int
) -> None:
    service = Service.objects.get()
    make.assignment(service, make.person("Gone", is_active=False))
    make.service("A service with a rather long name that has to fit on a telephone too", tier="t1", archetype="rag")
    component = Component.objects.get(name="Scorer")
    page.set_viewport_size({"width": width, "height": 850})
    page.emulate_media(color_scheme=theme)
    wrong = []
    paths = ["/coverage/", GAPS, f"/coverage/waive/component/{component.pk}/", "/services/fraud-score/", "/people/me/"]
    for path in [*paths, "/teams/scoring/"]:
        page.goto(live_server.url + path)
        wrong += faults(page, width)
    assert wrong == []
