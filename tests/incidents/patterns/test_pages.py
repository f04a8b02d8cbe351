"""The patterns pages: who sees them, what they say, and that page, figure, table and file say the same."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.alerts import digest, intake, sourcing
from incidents.patterns.questions import QUESTIONS
from incidents.patterns.window import add_months
from incidents.response.models import Incident
from incidents.response.vocabulary import Layer
from tests import factories as make
from tests.incidents.patterns.factories import found, happened, review
from web.sheets import safe

pytestmark = pytest.mark.django_db

MONTHS = "/patterns/months/"
PAGES = ("/patterns/", MONTHS, "/patterns/incidents/", "/patterns/months.csv")


@pytest.fixture
def viewer() -> Client:
    client = Client()
    client.force_login(make.person("Vera Ilić", role="viewer"))
    return client


def months_ago(count: int) -> datetime:
    """Noon of the second of a month, so many months ago; never in the future."""
    now = timezone.now()
    first = add_months(now.date(), -count)
    return min(now - timedelta(hours=2), now.replace(year=first.year, month=first.month, day=2, hour=12))


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


Counted = dict[tuple[str, str], int]


def drawn_on(page: str, slug: str = "months") -> dict[str, Any]:
    """The JSON of a question's figure."""
    text = re.search(rf'<script id="chart-{slug}" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert text is not None
    figure: dict[str, Any] = json.loads(text[1])
    return figure


def figure_of(page: str) -> dict[tuple[str, str, str], int]:
    """(month, layer, state) → findings, as the page's JSON draws them; only what is not zero."""
    return {
        (month[:7], trace["meta"]["layer"], trace["meta"]["state"]): count
        for trace in drawn_on(page)["data"]
        for month, count in zip(trace["x"], trace["y"], strict=True)
        if count
    }


def by_layer(figure: dict[tuple[str, str, str], int]) -> Counted:
    """(month, layer) → findings of either state."""
    summed: Counted = {}
    for (month, layer, _), count in figure.items():
        summed[month, layer] = summed.get((month, layer), 0) + count
    return summed


def table_of(page: str) -> Counted:
    """The same from the cells of the table that link to incidents."""
    cells = re.findall(r'href="/patterns/incidents/\?[^"]*layer=(\w+)&amp;month=([\d-]+)[^"]*">(\d+)</a>', page)
    return {(month, layer): int(count) for layer, month, count in cells}


def file_of(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/patterns/months.csv{query}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


# ---- who may ----


@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_sent_to_sign_in(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["viewer", "responder", "admin"])
def test_everybody_who_signed_in_reads(path: str, role: str) -> None:
    client = Client()
    client.force_login(make.person(role=role))
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405


def test_the_rail_leads_here(viewer: Client) -> None:
    assert re.search(r'<a href="/patterns/"[^>]*aria-current="page"', shown(viewer, "/patterns/"))


# ---- one truth in four shapes ----


def test_figure_table_and_file_show_the_same_rows(viewer: Client) -> None:
    happened(months_ago(2), "data", "latency", reviewed=True)
    happened(months_ago(2), "data")
    happened(months_ago(1), "org", "model", resolved=False)
    page = shown(viewer, MONTHS)
    figure = figure_of(page)
    assert sum(figure.values()) == 5
    assert table_of(page) == by_layer(figure)
    rows = file_of(viewer)
    assert len(rows) == 12 * 7
    assert {(row["month"], row["layer"]): int(row["findings"]) for row in rows if row["findings"] != "0"} == by_layer(
        figure
    )
    reviewed = {(month, layer): count for (month, layer, state), count in figure.items() if state == "reviewed"}
    assert {(row["month"], row["layer"]): int(row["reviewed"]) for row in rows if row["reviewed"] != "0"} == reviewed


def test_the_page_says_the_answer_and_what_was_counted(viewer: Client) -> None:
    happened(months_ago(2), "data", "data", "data", "latency", "latency", "latency", "org", reviewed=True)
    happened(months_ago(1))
    happened(months_ago(1), resolved=False)
    page = " ".join(shown(viewer, MONTHS).split())
    assert "Data and latency tie at 3 findings each." in page
    assert '7 reviewed, 0 provisional (hatched), in 1 of 3 incidents. <span class="nowrap">n = 7.</span>' in page
    assert "None in integration, evaluation, guardrail, model." in page
    assert "1 resolved without a finding" in page
    assert "1 still open" in page
    assert f'as of <time datetime="{timezone.now():%Y-%m-%d}' in page


def test_a_reviewed_finding_moves_from_hatched_to_solid(viewer: Client) -> None:
    by = make.person()
    incident = happened(months_ago(1), by=by)
    finding = found(incident, "data", by=by)
    assert [state for _, _, state in figure_of(shown(viewer, MONTHS))] == ["provisional"]
    review(finding, by=by)
    assert [(state, count) for (_, _, state), count in figure_of(shown(viewer, MONTHS)).items()] == [("reviewed", 1)]


# ---- filters ----


def test_period_and_service_stand_in_the_address_and_are_kept_by_each_other(viewer: Client) -> None:
    answers = make.service("Support answers")
    happened(months_ago(5), "data", service=answers)
    happened(months_ago(0), "org", service=answers)
    happened(months_ago(0), "model")
    page = shown(viewer, f"{MONTHS}?months=3&service=support-answers")
    assert {layer for _, layer, _ in figure_of(page)} == {"org"}
    assert 'href="/patterns/months/?months=6&amp;service=support-answers"' in page
    assert re.search(r'href="/patterns/months/\?months=3&amp;service=support-answers" aria-current="true"', page)
    assert '<input type="hidden" name="months" value="3">' in page
    assert '<option value="support-answers" selected>' in page
    assert "/patterns/months.csv?months=3&amp;service=support-answers" in page
    assert {row["layer"] for row in file_of(viewer, "?months=3&service=support-answers") if row["findings"] != "0"} == {
        "org"
    }
    whole = shown(viewer, f"{MONTHS}?months=6&service=support-answers")
    assert {layer for _, layer, _ in figure_of(whole)} == {"org", "data"}


def test_chosen_days_are_kept(viewer: Client) -> None:
    at = months_ago(3)
    happened(at, "data")
    first, last = f"{at:%Y-%m}-01", f"{at:%Y-%m}-15"
    page = shown(viewer, f"{MONTHS}?from={first}&to={last}")
    assert f'name="from" max="{timezone.now():%Y-%m-%d}" value="{first}"' in page
    assert f'name="to" value="{last}"' in page
    assert 'aria-current="true"' not in page
    assert f"?from={first}&amp;to={last}&amp;layer=data&amp;month={at:%Y-%m}" in page


def test_what_cannot_be_used_is_told_and_the_default_shown(viewer: Client) -> None:
    happened(months_ago(1), "data")
    page = shown(viewer, f"{MONTHS}?from=yesterday&service=nope", 422)
    assert "“yesterday” is not a day" in page
    assert "No service is called “nope”" in page
    assert "Shown instead: what was found in 12 months." in page
    assert sum(figure_of(page).values()) == 1


def test_an_address_cannot_put_markup_into_the_page(viewer: Client) -> None:
    happened(months_ago(1), "data")
    for path in ("/patterns/", MONTHS, "/patterns/incidents/"):
        assert "<b>x" not in shown(viewer, f"{path}?from=<b>x&service=<b>x&month=<b>x&layer=<b>x", 422)


def test_a_file_is_refused_rather_than_made_of_something_else(viewer: Client) -> None:
    page = shown(viewer, "/patterns/months.csv?from=yesterday", 422)
    assert "“yesterday” is not a day" in page


# ---- empty states ----


def test_with_nothing_at_all_it_says_what_to_do(viewer: Client) -> None:
    page = shown(viewer, "/patterns/")
    assert "Nothing has been found yet" in page
    assert "Resolve an incident and say which layer failed" in page
    assert "data-chart" not in page


def test_the_counts_lead_to_what_is_untagged_and_open(viewer: Client) -> None:
    happened(months_ago(1))
    happened(months_ago(1), resolved=False)
    page = shown(viewer, "/patterns/")
    for words, only in (("1 resolved without a finding", "untagged"), ("1 still open", "open")):
        link = re.search(rf'<a href="([^"]+)">{words}</a>', page)
        assert link is not None
        assert link[1] == f"/patterns/incidents/?months=12&amp;only={only}"
        assert shown(viewer, link[1].replace("&amp;", "&")).count("row-link") == 1


# ---- files ----


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\t1", " =1", "\n=1", "\u00a0=1", "\ufeff=1", "\x0b=1", " \u200b@A"]
WIDE = ["＝1", "＋1"]  # some spreadsheets read them as the narrow ones


@pytest.mark.parametrize("name", FORMULAS + WIDE)
def test_no_cell_can_start_a_formula(name: str) -> None:
    assert safe(name) == f"'{name}"


def test_ordinary_cells_stay_as_they_are() -> None:
    for text in ("Support answers (EU) = new", "\u00a0indented - a bit", "１＋１", ""):
        assert safe(text) == text


def test_the_file_names_its_time(viewer: Client) -> None:
    answer = viewer.get("/patterns/months.csv?from=2025-03&to=2025-04")
    assert answer["Content-Disposition"] == 'attachment; filename="months-2025-03-01-to-2025-04-30.csv"'


# ---- behind a mark ----


def test_a_mark_leads_to_its_incidents(viewer: Client) -> None:
    service = make.service("Support answers")
    happened(months_ago(2), "data", service=service, reviewed=True)
    happened(months_ago(2), "org")
    happened(months_ago(1), "data")
    page = shown(viewer, MONTHS)
    addresses = [address for _, address in sorted(_marks(page).items())]
    assert len(addresses) == 3
    behind = shown(viewer, _marks(page)[f"{months_ago(2):%Y-%m}", "data", "reviewed"])
    assert behind.count("Answers cite the wrong article") == 1
    assert "Support answers" in behind
    assert "reviewed" in behind
    for address in addresses:
        assert shown(viewer, address).count("row-link") == 1


def _marks(page: str) -> dict[tuple[str, str, str], str]:
    return {
        (month[:7], trace["meta"]["layer"], trace["meta"]["state"]): address
        for trace in drawn_on(page)["data"]
        for month, count, address in zip(trace["x"], trace["y"], trace["customdata"], strict=True)
        if count
    }


def test_a_long_list_goes_on_where_it_stopped(viewer: Client) -> None:
    by = make.person()
    for place in range(53):
        happened(months_ago(1) - timedelta(minutes=place), "data", by=by)
    first = shown(viewer, "/patterns/incidents/?layer=data")
    assert first.count("row-link") == 50
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = shown(viewer, following[1].replace("&amp;", "&"))
    assert second.count("row-link") == 3
    listed = [set(re.findall(r"/incidents/(\d+)/", page)) for page in (first, second)]
    assert [len(numbers) for numbers in listed] == [50, 3]
    assert not listed[0] & listed[1]
    assert 'rel="next"' not in second


def test_an_unknown_layer_is_told(viewer: Client) -> None:
    page = shown(viewer, "/patterns/incidents/?layer=ghost", 422)
    assert f"layer is one of {', '.join(Layer.values)}." in page


def test_a_list_without_incidents_says_so(viewer: Client) -> None:
    assert "No incident here" in shown(viewer, "/patterns/incidents/?layer=data")


@pytest.mark.parametrize(
    ("path", "most"),
    [("/patterns/", 26), *((f"/patterns/{one.slug}/", 14) for one in QUESTIONS), ("/patterns/incidents/", 12),
     *((f"/patterns/{one.slug}.csv", 12) for one in QUESTIONS)],
)  # fmt: skip
def test_the_number_of_queries_does_not_grow(
    viewer: Client, path: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counted = []
    for _ in range(2):
        for place in range(2):
            happened(months_ago(place), "data", "org", service=make.service(), reviewed=True)
        with django_assert_max_num_queries(most) as captured:
            assert viewer.get(path).status_code == 200
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_chart_pages_alone_load_the_chart_library_and_keep_the_strict_policy(viewer: Client) -> None:
    happened(months_ago(1), "data")
    answer = viewer.get(MONTHS)
    assert "plotly.min.js" in answer.content.decode()
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "plotly.min.js" not in shown(viewer, "/patterns/incidents/")


def test_incidents_of_the_test_button_are_not_counted(viewer: Client) -> None:
    admin = make.person(role="admin")
    source, _ = sourcing.add(kind="alertmanager", name="Production", by=admin, now=timezone.now())
    intake.send_test(source, by=admin, now=timezone.now())
    digest.batch(now=timezone.now())
    assert Incident.objects.get().title
    assert "Nothing has been found yet" in shown(viewer, "/patterns/")
    assert Incident.objects.get().title not in shown(viewer, "/patterns/incidents/?months=12&only=open")
