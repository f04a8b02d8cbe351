"""A service from its archetype: strike a part, rename one, join one, and land on its page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from ownership.models import Component, Dependency, Part
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["with-javascript", "without"])
def page(browser: Browser, live_server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An editor's browser, once with and once without JavaScript; script errors fail the test."""
    client = Client()
    client.force_login(make.person("Edith Editor", role="editor"))
    size = {"width": 1280, "height": 900}
    context = browser.new_context(base_url=live_server.url, viewport=size, java_script_enabled=request.param)
    context.set_default_timeout(15_000)
    value = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    fresh, complaints = context.new_page(), []
    fresh.on("pageerror", lambda error: complaints.append(str(error)))
    yield fresh
    context.close()
    assert complaints == []


def test_a_rag_service_with_what_it_has(page: Page) -> None:
    make.component("Company gateway", kind="gateway")
    page.goto("/services/")
    page.get_by_role("link", name="Add a service").first.click()
    page.get_by_role("link", name="Answers from documents").click()
    page.get_by_label("Name", exact=True).fill("Help desk")
    page.get_by_label("What users get when it works").fill("Customers get a correct answer.")
    page.get_by_label("Embedding model", exact=True).uncheck()
    page.get_by_label("Name of Prompt").fill("Answer prompt")
    page.get_by_label("Name of Gateway").fill("company gateway")
    page.get_by_role("button", name="Add the service").click()

    expect(page.get_by_role("heading", name="Help desk", level=1)).to_be_visible()
    expect(page.locator("#messages")).to_contain_text("Joined as they are")
    expect(page.locator("main")).to_contain_text("latency budget 3000 ms at p95")
    path = page.locator("#path")
    for name in ("Company gateway", "Help desk · Retriever", "Answer prompt", "Help desk · Eval suite"):
        expect(path.locator("td").get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(path).not_to_contain_text("Embedding model")
    assert Part.objects.count() == 7
    seams = {str(seam) for seam in Dependency.objects.select_related("upstream", "downstream")}
    assert "Help desk · Answer model → Answer prompt" in seams
    assert "Help desk · Retriever → Help desk · Source documents" in seams
    assert len(seams) == 6
    assert Component.objects.filter(kind="gateway").count() == 1


def test_what_was_typed_stays_when_something_is_missing(page: Page) -> None:
    page.goto("/services/new/?archetype=scoring")
    page.get_by_label("Name", exact=True).fill("Fraud score")
    page.get_by_label("Fallback rules", exact=True).uncheck()
    page.get_by_label("Name of Scoring model").fill("Gradient model")
    page.get_by_role("button", name="Add the service").click()
    expect(page.get_by_role("alert")).to_contain_text("What users get when it works")
    expect(page.get_by_label("Fallback rules", exact=True)).not_to_be_checked()
    expect(page.get_by_label("Name of Scoring model")).to_have_value("Gradient model")
    page.get_by_label("What users get when it works").fill("Every payment carries a score.")
    page.get_by_role("button", name="Add the service").click()
    expect(page.get_by_role("heading", name="Fraud score", level=1)).to_be_visible()
    expect(page.locator("#path")).to_contain_text("Gradient model")


@pytest.mark.parametrize("page", [True], indirect=True)
def test_while_typing_it_shows_the_names_that_will_be(page: Page) -> None:
    make.component("Company gateway", kind="gateway")
    page.goto("/services/new/?archetype=rag")
    page.get_by_label("Name", exact=True).fill("Help desk")
    expect(page.get_by_label("Name of Retriever")).to_have_attribute("placeholder", "Help desk · Retriever")
    seams = page.locator(".planned-seam")
    page.get_by_label("Name of Gateway").fill("company gateway")
    expect(page.get_by_text("exists: it joins as it is").first).to_be_visible()
    expect(seams.first).to_contain_text("company gateway → Guardrail")
    page.get_by_label("Name of Gateway").fill("Another")
    expect(page.get_by_text("exists: it joins as it is").first).to_be_hidden()

    expect(seams.filter(has_text="Retriever → Embedding model")).to_be_visible()
    page.get_by_label("Embedding model", exact=True).uncheck()
    expect(seams.filter(has_text="Retriever → Embedding model")).to_be_hidden()
    expect(seams.filter(has_text="Retriever → Source documents")).to_be_visible()
    page.get_by_label("Retriever", exact=True).uncheck()
    expect(seams.filter(has_text="Retriever → Source documents")).to_be_hidden()
    page.get_by_label("Retriever", exact=True).check()
    expect(seams.filter(has_text="Retriever → Source documents")).to_be_visible()
    expect(seams.filter(has_text="Retriever → Embedding model")).to_be_hidden()
