"""Every page of the worked example, looked at as people do: any width, any theme, with a keyboard, without scripts."""

from __future__ import annotations

import gzip

import brotli
import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from incidents import demo
from incidents.alerts import ruling, sourcing
from incidents.alerts.change_models import Change
from incidents.alerts.matching.conditions import Condition
from incidents.alerts.models import Source
from incidents.alerts.ruling import Wanted
from incidents.response.models import Incident
from ownership.models import Component, Dependency, Team
from tests import factories as make
from tests.e2e.conftest import faults

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

RULES = [
    *("/rules/subject/", "/rules/subject/?try=1", "/rules/subject/new/", "/rules/subject/1/", "/rules/subject/1/1/"),
    *("/rules/layer/", "/rules/severity/", "/rules/severity/1/"),
]
LIGHT_KB = 60  # a page with all it loads, compressed, without the chart library


@pytest.fixture
def session(live_server) -> dict[str, str]:
    """The worked example, and the session cookie of an admin."""
    now = timezone.now()
    admin = make.person("Maya Admin", role="admin")
    demo.fill(now=now)
    sourcing.add(kind="alertmanager", name="Production", by=admin, now=now)
    asked = [Condition("label", "glob", ("feat-*",), "job"), Condition("title", "words", ("late", "stale*"))]
    about = Component.objects.get(name="Feature pipeline")
    ruling.make("subject", Wanted(asked, component=about, note="the batch cluster"), by=admin, now=now)
    sourcing.add(kind="cloudwatch", name="Alarms", by=admin, now=now)
    client = Client()
    client.force_login(admin)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}


OF_INCIDENTS = ("fact", "impact", "impact/facts", "times", "handoff", "resolve", "move", "changes")
OF_SERVICES = ("edit", "retire", "grouping", "map", "latency")


def addresses() -> list[str]:
    """Every sort of page there is."""
    unowned = Incident.objects.get(title__startswith="HighErrorRate").pk
    slow = Incident.objects.get(title__startswith="p99").pk
    reviewed = Incident.objects.get(title__startswith="Search provider").pk
    return [
        "/",
        "/?state=resolved",
        "/?mine=1&layer=data",
        "/board/views/",
        "/board/views/new/?layer=data",
        f"/board/resolve/?number={slow}",
        "/incidents/new/",
        f"/incidents/{unowned}/",
        f"/incidents/{slow}/",
        *(f"/incidents/{slow}/{one}/" for one in OF_INCIDENTS),
        f"/incidents/{reviewed}/reopen/",
        "/postmortems/",
        *templates(),
        f"/postmortems/{reviewed}/",
        "/patterns/",
        "/patterns/months/",
        "/patterns/incidents/",
        "/services/",
        "/services/new/",
        "/services/new/?archetype=rag",
        *(f"/services/support-answers/{one}/" for one in OF_SERVICES),
        "/components/new/",
        f"/components/{Component.objects.get(name='Retriever').pk}/retire/",
        f"/seams/{Dependency.objects.filter(kind='event').get().pk}/edit/",
        "/services/support-answers/",
        "/grouping/",
        "/components/",
        f"/components/{Component.objects.get(name='Retriever').pk}/",
        f"/components/{Component.objects.get(name='Retriever').pk}/blast-radius/",
        "/coverage/",
        "/changes/",
        "/changes/new/",
        Change.objects.filter(title="Index v12").get().get_absolute_url(),
        "/teams/",
        f"/teams/{Team.objects.get(name='Answers team').slug}/",
        "/people/",
        "/people/me/",
        "/sources/",
        "/sources/new/",
        *RULES,
        *sources(),
        "/accounts/password/change/",
        "/nowhere/",
    ]


def templates() -> list[str]:
    """The pages of templates, and where one is chosen."""
    drafted = Incident.objects.get(title="Harmless questions refused").pk
    asked = Incident.objects.get(title="Wrong tenant's article cited").pk
    pages = [f"/postmortems/templates/{tail}" for tail in ("", "guardrail_review/", "near_miss/v1/copy/")]
    return [*pages, f"/incidents/{asked}/postmortem/", f"/postmortems/{drafted}/template/"]


def sources() -> list[str]:
    """The pages of two sources, each with what its kind asks for."""
    production, alarms = (Source.objects.get(name=name).pk for name in ("Production", "Alarms"))
    return [
        f"/sources/{production}/",
        f"/sources/{production}/signature/",
        f"/sources/{alarms}/",
        f"/sources/{alarms}/topics/",
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_every_page_is_accessible_and_nothing_sticks_out(
    session: dict[str, str], context: BrowserContext, theme: str, width: int
) -> None:
    context.add_cookies([session])
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 850})
    page.emulate_media(color_scheme=theme)
    wrong = []
    for path in addresses():
        page.goto(session["url"] + path)
        wrong += faults(page, width)
    assert wrong == []


def test_pages_are_light(session: dict[str, str], context: BrowserContext) -> None:
    context.add_cookies([session])
    heavy = []
    for path in addresses():
        page = context.new_page()  # each as a first visit; the cache of a context does not serve these answers
        sizes: dict[str, int] = {}
        page.on("response", lambda answer, sizes=sizes: weigh(answer, sizes))
        page.goto(session["url"] + path, wait_until="networkidle")
        total = sum(size for url, size in sizes.items() if "plotly.min" not in url) / 1000
        if total > LIGHT_KB:
            heavy.append(f"{path}: {total:.1f} kB")
        page.close()
    assert heavy == []


def weigh(answer: Response, sizes: dict[str, int]) -> None:
    """Note the compressed size of an answer in bytes, as the server in production sends it: files by Brotli."""
    if answer.status == 200:
        squeezed = brotli.compress if "/static/" in answer.url else gzip.compress
        sizes[answer.url] = len(squeezed(answer.body()))


def test_the_board_by_keyboard(session: dict[str, str], context: BrowserContext, page: Page) -> None:
    context.add_cookies([session])
    page.goto(session["url"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    first = page.locator(".row-link").first
    for _ in range(20):
        page.keyboard.press("Tab")
        if first.evaluate("link => link === document.activeElement"):
            break
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".head h1")).to_have_text("HighErrorRate on checkout-ranker")
    page.wait_for_load_state()  # keys rest until their script is here
    page.keyboard.press("a")  # acknowledge, not known yet
    expect(page.locator(".head")).to_contain_text("Acknowledged")


def test_the_main_acts_work_without_scripts(session: dict[str, str], browser: Browser) -> None:
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies([session])
    page = plain.new_page()
    number = Incident.objects.get(title__startswith="HighErrorRate").pk
    page.goto(f"{session['url']}/incidents/{number}/")
    page.locator("form[action$='/acknowledge/'] button[value=latency]").click()
    expect(page.locator(".head")).to_contain_text("Acknowledged")
    page.locator("#timeline textarea[name=text]").fill("Seen without scripts.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#timeline")).to_contain_text("Seen without scripts.")
    page.locator("[name=severity]").select_option("sev1")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator(".head .sev")).to_have_text("SEV1")
    page.get_by_role("link", name="Resolve").click()
    page.locator("[name=what]").select_option("latency.cold_start")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".head")).to_contain_text("Resolved")
    page.goto(f"{session['url']}/patterns/months/")
    expect(page.locator("table").first).to_be_visible()
    plain.close()


def test_an_expired_session_sends_the_browser_to_sign_in(
    session: dict[str, str], context: BrowserContext, page: Page
) -> None:
    context.add_cookies([session])
    number = Incident.objects.get(title__startswith="p99").pk
    page.goto(f"{session['url']}/incidents/{number}/")
    context.clear_cookies(name="sessionid")
    page.locator("#timeline textarea[name=text]").fill("typed too late")
    page.get_by_role("button", name="Add note").click()
    page.wait_for_url(f"**/accounts/login/?next=%2Fincidents%2F{number}%2F")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
