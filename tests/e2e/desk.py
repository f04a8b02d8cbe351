"""What tests of writing share: a draft on somebody's desk, its field, its status line."""

from __future__ import annotations

import re

from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page

from incidents.postmortems.models import Postmortem
from ownership.models import Person
from tests.incidents.postmortems import factories as review

SAVED = re.compile(r"^\s*Saved")
SENTENCES = "It was slow. Nobody saw it. We waited."


def sign_in(context: BrowserContext, url: str, person: Person) -> None:
    """Give a browser a session of its own."""
    client = Client()
    client.force_login(person)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def sign_in_by_form(page: Page, person: Person, password: str) -> None:
    """As people do, on the page that is open, which gives the browser a new token as well."""
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"^(?!.*/accounts/login/)"))


def editor(page: Page) -> Locator:
    """The field of one section."""
    return page.get_by_role("textbox", name="What surprised us", exact=True)


def line(page: Page) -> Locator:
    """What its status line says."""
    return page.locator("#saved-surprised")


def below(page: Page) -> Locator:
    """What stands below its field."""
    return page.locator("#section-surprised [data-below]")


def offers(page: Page) -> Locator:
    """The texts that are offered back."""
    return page.locator("#section-surprised .offer")


def text_of(draft: Postmortem) -> str:
    """What the server has."""
    return review.section(draft).text


def look_again(page: Page) -> None:
    """As when somebody comes back to the tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
