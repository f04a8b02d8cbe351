"""A review in a browser: sent, approved, published, amended, with the difference to read."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.e2e.conftest import Opened, faults
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_sending_to_the_amendment(browser_of: Opened) -> None:
    maya, jonas = make.person("Maya Okafor"), make.person("Jonas Lind")
    postmortem = review.ready(by=maya)
    here = f"/postmortems/{postmortem.incident_id}/"

    author = browser_of(maya)
    author.goto(here)
    author.get_by_role("link", name="Send to review").first.click()
    author.get_by_label("Reviewer", exact=False).first.select_option(label="Jonas Lind")
    author.get_by_role("button", name="Send to review").click()
    expect(author.get_by_text("In review").first).to_be_visible()
    assert faults(author, 1280) == []

    reviewer = browser_of(jonas)
    reviewer.goto("/postmortems/")
    reviewer.get_by_role("link", name="1 postmortem waits for your review").click()
    reviewer.get_by_role("link", name="Slow answers").click()
    reviewer.get_by_label("What you think of it").fill("The trace shows it.")
    assert faults(reviewer, 1280) == []
    reviewer.get_by_role("button", name="Approve").click()
    expect(reviewer.locator("#reviewers")).to_contain_text("approved")

    author.reload()
    author.get_by_role("button", name="Publish").click()
    expect(author.get_by_text("Published").first).to_be_visible()
    author.get_by_role("link", name="Amend").click()
    author.get_by_label("Why is it amended?").fill("A log turned up.")
    author.get_by_label("What surprised us").fill("It was the cache.")
    assert faults(author, 1280) == []
    author.get_by_role("button", name="Amend").click()
    amendment = author.locator("#amendments")
    expect(amendment).to_contain_text("A log turned up.")
    expect(amendment.locator(".diff")).to_contain_text("It was the cache.")
    author.get_by_role("link", name="Read it as first published").click()
    expect(author.locator("#section-surprised")).to_contain_text("About what surprised us.")
    assert faults(author, 1280) == []
