"""The main job, end to end: a real alert becomes an owned incident, a filed postmortem, a chart.

Runs as `make run` sets things up (embedded PostgreSQL, broker in it), and on the external PostgreSQL with each broker
that the machine has.
"""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import services
from tests.e2e.conftest import ARTIFACTS
from tests.e2e.stack import Alertmanager, Stack, alertmanager, eventually, fresh_database, running

PASSWORD = "seven-quiet-herons"
EMBEDDED = "embedded"
BAR_IS_DRAWN = "[...document.querySelectorAll('[data-chart] .point path')].some(bar => bar.getBBox().height > 5)"
SERVED = services.brokers() if services.database() else ()
STACKS = [EMBEDDED, *(pytest.param(broker, marks=pytest.mark.long) for broker in SERVED)]


@pytest.fixture(params=STACKS, ids=lambda one: one if one == EMBEDDED else f"PostgreSQL + {services.shown(one)}")
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    """Everything running, empty, on one of the set-ups."""
    with ExitStack() as stacked:
        settings = {}
        if request.param != EMBEDDED:
            server = services.database()
            assert server
            settings = {
                "DATABASE_URL": stacked.enter_context(fresh_database(server)),
                "CELERY_BROKER_URL": request.param,
            }
        yield stacked.enter_context(running(tmp_path, **settings))


def test_a_real_alert_becomes_an_owned_incident_a_filed_postmortem_and_a_chart(
    stack: Stack, page: Page, tmp_path: Path
) -> None:
    first_sign_in(stack, page)
    config = connect_a_source(page)
    name_a_service(page)
    invite_somebody(page)
    with alertmanager(tmp_path, config) as sender:
        an_alert_is_owned(sender, page)
        nobodys_alert_finds_an_owner(sender, page)
        one_resolves_by_itself(sender, page)
    declared_for_last_week(page)
    review_and_publish(page)
    the_chart_counts_it(page)
    the_charts_weigh_little(page)
    the_api_tells_the_same(stack)
    page.close()
    assert stack.stop() == 0


def first_sign_in(stack: Stack, page: Page) -> None:
    """The one-time password must be changed at once; then the checklist is the page."""
    page.goto(stack.url)
    page.get_by_label("E-mail").fill(stack.email)
    page.get_by_label("Password", exact=True).fill(stack.password)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{stack.url}/sources/")
    expect(page).to_have_url(re.compile("/accounts/password/change/"))
    page.locator("[name=oldpassword]").fill(stack.password)
    page.locator("[name=password1]").fill(PASSWORD)
    if page.locator("[name=password2]").count():
        page.locator("[name=password2]").fill(PASSWORD)
    page.locator("main form button, form.card button").last.click()
    page.goto(stack.url)
    expect(page.get_by_role("heading", name="Five steps to the first owned incident")).to_be_visible()
    keep_picture(page, "first-run")


def connect_a_source(page: Page) -> str:
    """From the checklist to a ready Alertmanager config; the test button proves the whole way."""
    page.get_by_role("link", name="Connect a source").click()
    page.get_by_label("Name").fill("Alertmanager, production")
    page.get_by_role("button", name="Connect it").click()
    hook_card = page.locator(".copy code")
    hook = hook_card.inner_text().strip()
    assert "/hooks/alertmanager/" in hook
    snippet = page.locator(".copy pre").inner_text()
    assert hook in snippet
    page.get_by_role("button", name="Send a test alert").click()
    expect(page.locator("#deliveries tbody tr").first).to_be_visible()
    expect(hook_card).to_be_visible()  # the address that is shown once stays to be copied
    page.goto(page.url.split("/sources/")[0])
    wait_for(page, page.locator("#rows").get_by_role("link", name=re.compile("[Tt]est alert")))
    expect(page.locator(".steps .done")).to_have_count(2)
    return shortened(snippet)


def shortened(snippet: str) -> str:
    """The snippet as users copy it; Alertmanager's own waits (30 s, 5 min) cut to a second so that no test waits."""
    assert snippet.startswith("route:\n")
    return snippet.replace("route:\n", "route:\n  group_wait: 1s\n  group_interval: 1s\n", 1)


def name_a_service(page: Page) -> None:
    """A service with its parts and an accountable owner in one form."""
    page.get_by_role("link", name="Name a service").click()
    page.get_by_role("link", name="Answers from documents").click()
    page.get_by_label("Name", exact=True).fill("Support answers")
    page.locator("[name=outcome]").fill("Customers get a right answer with its source within two seconds.")
    page.locator("[name=runbook]").fill("https://wiki.example.org/runbook")
    page.locator("[name=accountable]").select_option(label="Admin")
    for part in ("Gateway", "Retriever"):
        page.get_by_label(f"Name of {part}").fill(part)
    page.locator("main form.form button.primary, main form button.primary").first.click()
    expect(page).to_have_url(re.compile("/services/support-answers/"))
    expect(page.get_by_text("Retriever").first).to_be_visible()
    keep_picture(page, "service")


def invite_somebody(page: Page) -> None:
    """A second person; the checklist is done and goes away by itself."""
    origin = page.url.split("/services/")[0]
    page.goto(f"{origin}/people/invite/" if page.goto(f"{origin}/people/invite/").ok else f"{origin}/people/")
    page.locator("[name=email]").fill("priya@example.org")
    page.locator("[name=name]").fill("Priya Nair")
    page.locator("main form:has([name=email]) button").first.click()
    expect(page.locator(".copy code").first).to_contain_text("/join/")
    page.goto(origin)
    expect(page.get_by_text("Five steps to the first owned incident")).to_have_count(0)


def an_alert_is_owned(sender: Alertmanager, page: Page) -> None:
    """Alert, label, component, service, owner, incident: and the page says by which rule."""
    sender.fire("AnswerLatencyBudget", component="retriever", severity="critical", summary="p99 3.4 s, budget 1.2 s")
    link = page.get_by_role("link", name=re.compile("p99 3.4 s|AnswerLatencyBudget"))
    wait_for(page, link)
    keep_picture(page, "board")
    link.first.click()
    expect(page.locator(".head")).to_contain_text("Support answers")
    expect(page.locator(".head")).to_contain_text("Admin")
    expect(page.locator("body")).to_contain_text("label component=retriever")
    keep_picture(page, "incident")
    page.locator("form[action$='/acknowledge/'] button[value=model]").click()
    expect(page.locator(".head")).to_contain_text("Acknowledged")
    page.keyboard.press("n")
    expect(page.locator("#timeline textarea[name=text]")).to_be_focused()
    page.keyboard.type("Traces: the model call is **steady** at 310 ms.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#timeline strong", has_text="steady")).to_be_visible()


def nobodys_alert_finds_an_owner(sender: Alertmanager, page: Page) -> None:
    """An alert that fits nothing stands first on the board; one form makes it a part of a service."""
    sender.fire("EvalDidNotRun", job="nightly-eval", severity="warning", summary="Nightly eval did not run")
    origin = page.url.split("/incidents/")[0]
    page.goto(origin)
    link = page.get_by_role("link", name=re.compile("Nightly eval did not run"))
    wait_for(page, link)
    expect(page.locator("tbody tr").first).to_contain_text("nobody answers for this yet")
    link.first.click()
    page.get_by_role("link", name="Make it a component of a service").click()
    page.locator("main form [name=service]").select_option(label="Support answers")
    if page.locator("main form [name=kind]").count():
        page.locator("main form [name=kind]").select_option("eval_suite")
    page.get_by_role("button", name="Make it a component").click()
    expect(page.locator(".head")).to_contain_text("Support answers")
    expect(page.locator(".head")).to_contain_text("Admin")


def one_resolves_by_itself(sender: Alertmanager, page: Page) -> None:
    """Alertmanager says resolved: the alert follows, then the incident, and the page says why."""
    sender.fire("EvalDidNotRun", job="nightly-eval", severity="warning", summary="Nightly eval did not run", ended=True)
    wait_for(page, page.locator(".head .state.resolved"))
    expect(page.locator("#timeline")).to_contain_text(re.compile("[Rr]esolved"))


def declared_for_last_week(page: Page) -> None:
    """By hand, for last week, with what is known of the start; resolved with one provisional finding."""
    page.get_by_role("link", name="Declare incident").click()
    page.get_by_label("What is wrong?").fill("Answers quoted deleted articles")
    page.locator("[name=service]").select_option(label="Support answers")
    page.locator("[name=severity]").select_option("sev2")
    page.locator("[name=impact]").fill("About 3 % of answers quoted articles that no longer exist.")
    page.get_by_label("Between two times").check()
    page.locator("[name=impact_from]").fill("2026-11-10T08:00")
    page.locator("[name=impact_until]").fill("2026-11-10T12:00")
    page.locator("[name=detected_at]").fill("2026-11-11T09:30")
    page.locator("[name=detected_by]").select_option("user_report")
    page.locator("[name=first_blame][value=model]").check()
    page.get_by_role("button", name="Declare", exact=True).click()
    expect(page.locator(".head h1")).to_have_text("Answers quoted deleted articles")
    expect(page.locator("#times")).to_contain_text("10 Nov 08:00")
    page.get_by_role("link", name="Resolve").click()
    page.locator("[name=what]").select_option("data.stale_or_broken_index")
    page.locator("[name=evidence]").fill("The index was built from a snapshot of six weeks ago.")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".head")).to_contain_text("Resolved")
    expect(page.locator("body")).to_contain_text("stale or broken index")


def review_and_publish(page: Page) -> None:
    """Sections save themselves; publishing is refused until nothing is missing."""
    page.get_by_role("button", name=re.compile("[Ss]tart")).click()
    expect(page.get_by_role("heading", name="Before it can be published")).to_be_visible()
    for editor in page.locator("textarea.editor").all():
        if not editor.input_value():
            editor.fill("We believed the nightly build failed loudly. It kept the old index instead.")
            form = editor.locator("xpath=ancestor::form")
            expect(form.locator(".saved.good")).to_be_visible()
    page.reload()
    expect(page.locator("textarea.editor").last).to_have_value(re.compile("kept the old index"))
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#checklist .missing").first).to_be_visible()
    page.locator("#findings").get_by_role("button", name=re.compile("Confirm")).first.click()
    expect(page.locator("#findings")).to_contain_text("reviewed")
    page.locator("#actions").get_by_role("link", name="Add an action", exact=True).click()  # the one beside the finding
    page.locator("#actions [name=title]").fill("Refuse to serve an index older than two days")
    page.locator("#actions [name=kind]").select_option("validation")
    page.locator("#actions [name=owner]").select_option(label="Admin")
    page.locator("#actions [name=due_on]").fill("2026-12-18")
    page.locator("#actions [name=done_when]").fill("A build older than two days is refused in staging.")
    page.get_by_role("button", name="Add the action").click()
    expect(page.locator("#actions")).to_contain_text("Refuse to serve an index")
    expect(page.locator("#checklist .missing")).to_have_count(0)
    keep_picture(page, "postmortem")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".head")).to_contain_text("Published")
    expect(page.locator("textarea.editor")).to_have_count(0)


def the_chart_counts_it(page: Page) -> None:
    """One reviewed finding in November: drawn, in the table and in the CSV."""
    page.get_by_role("link", name="Patterns").click()
    page.get_by_role("link", name="Which layers, month by month?").first.click()
    eventually(lambda: bool(page.evaluate(BAR_IS_DRAWN)), what="a bar is drawn")
    keep_picture(page, "patterns")
    expect(page.locator("figure table, main table").first).to_contain_text(re.compile("data", re.IGNORECASE))
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = Path(download.value.path()).read_text().splitlines()
    assert [row for row in rows if "data" in row and "2026-11" in row], rows


def the_charts_weigh_little(page: Page) -> None:
    """A first visit to a page with charts sends less than 1.6 MB over the wire, a later one less than 100 kB."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    sent: list[int] = []
    network.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    weights = []
    network.send("Network.clearBrowserCache")
    for _ in range(2):
        sent.clear()
        page.goto(page.url, wait_until="networkidle")
        expect(page.locator(".plot.drawn").first).to_be_visible()
        weights.append(sum(sent))
    network.detach()
    first, later = weights
    assert 1_000_000 < first < 1_600_000
    assert later < 100_000


def the_api_tells_the_same(stack: Stack) -> None:
    """A token reads what the pages show, and the schema describes it."""
    token = stack.manage("add_token", stack.email, "--scope", "read").split()[-1]
    assert get(f"{stack.url}/readyz", None)["ready"] is True
    incidents = get(f"{stack.url}/api/v1/incidents/?state=resolved,closed", token)["results"]
    assert "Answers quoted deleted articles" in [incident["title"] for incident in incidents]
    assert "/api/v1/incidents/" in get(f"{stack.url}/api/v1/schema/?format=json", token)["paths"]


def get(url: str, token: str | None) -> dict[str, object]:
    """The JSON at an address."""
    headers = {"Authorization": f"Token {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return json.load(answer)


def wait_for(page: Page, wanted: object, *, within: int = 30) -> None:
    """Reload until it is there, as a person would."""
    for _ in range(within * 2):
        if wanted.count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{wanted} did not come within {within} s: {page.locator('main').inner_text()}")


def keep_picture(page: Page, name: str) -> None:
    """A screenshot for whoever wants to look; never compared."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)
