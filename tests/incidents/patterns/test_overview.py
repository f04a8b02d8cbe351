"""The overview: a few incidents as a list, many as answers; of everything, or of one service, team or layer."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.patterns import showing
from incidents.patterns.answers import shape
from incidents.patterns.questions import QUESTIONS
from incidents.response import findings
from incidents.response.models import Incident
from ownership.models import Service
from tests import factories as make
from tests.incidents.patterns.factories import found, happened
from tests.incidents.patterns.test_pages import MONTHS, months_ago, shown

pytestmark = pytest.mark.django_db
DRAWN = [one.slug for one in QUESTIONS if one.on_overview]


@pytest.fixture
def viewer() -> Client:
    client = Client()
    client.force_login(make.person("Vera Ilić", role="viewer"))
    return client


@pytest.fixture
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """One incident is enough to draw and to infer."""
    monkeypatch.setattr(shape, "ENOUGH", 1)


def entries(page: str) -> dict[str, str]:
    """The list's entries by the incident's name, each as its text."""
    parts = re.findall(r'<li class="entry" id="([^"]+)">(.*?)</li>', page, re.DOTALL)
    return {ref: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for ref, text in parts}


# ---- a few ----


def test_a_few_incidents_are_listed_with_layer_service_and_who_answered(viewer: Client) -> None:
    service = make.service("Support answers")
    make.assignment(service, make.person("Ada Obi"), since=timezone.now() - timedelta(days=400))
    by = make.person()
    one = happened(months_ago(2), service=service, by=by)
    found(one, "data", by=by)
    findings.record(one, layer="org", primary=True, by=by, now=timezone.now())
    other = happened(months_ago(1), resolved=False)
    page = shown(viewer, "/patterns/")
    told = entries(page)
    assert list(told) == [other.ref, one.ref]
    assert "Support answers · Ada Obi answers" in told[one.ref]
    assert told[one.ref].endswith("org data")
    assert "no service named" in told[other.ref]
    assert told[other.ref].endswith("untagged")
    assert re.search(rf'class="mark org" href="#{one.ref}"', page)
    assert re.search(rf'class="mark untagged" href="#{other.ref}"', page)
    assert f'href="/incidents/{one.pk}/"' in page
    assert "2 incidents in 12 months. Found: org in 1, data in 1 and nothing yet in 1." in page


def test_nothing_is_inferred_drawn_or_compared_from_a_few_and_every_question_is_led_to(viewer: Client) -> None:
    happened(months_ago(1), "data")
    page = shown(viewer, "/patterns/?compare=1")
    assert "data-chart" not in page
    assert "plotly" not in page
    assert "Compare with" not in page
    for one in QUESTIONS:
        assert f'href="/patterns/{one.slug}/?months=12"' in page


def test_the_list_ends_where_there_are_enough(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "ENOUGH", 3)
    for _ in range(2):
        happened(months_ago(1), "data")
    assert len(entries(shown(viewer, "/patterns/"))) == 2
    happened(months_ago(1), "data")
    page = shown(viewer, "/patterns/")
    assert entries(page) == {}
    assert re.findall(r'data-chart="chart-([\w-]+)"', page)


def test_the_list_keeps_to_the_window_its_filters_and_who_looks(viewer: Client) -> None:
    fraud = make.service("Fraud score")
    inside = happened(months_ago(1), service=fraud)
    happened(months_ago(1))
    happened(months_ago(5), service=fraud)
    private = happened(months_ago(1), service=fraud)
    Incident.objects.filter(pk=private.pk).update(private=True)
    assert list(entries(shown(viewer, "/patterns/?months=3&service=fraud-score"))) == [inside.ref]


def test_what_was_known_then_is_listed_then(viewer: Client) -> None:
    happened(months_ago(2), "data")
    day = (timezone.now() - timedelta(days=300)).date()
    page = shown(viewer, f"/patterns/?as_of={day}")
    assert "No incident was known then to have been detected in 12 months" in page
    assert f'id="as-of" name="as_of" value="{day}"' in page
    assert "as known on" in page


# ---- many ----


@pytest.mark.usefixtures("enough")
def test_many_are_answered_and_each_answer_leads_on(viewer: Client) -> None:
    happened(months_ago(1), "data")
    page = shown(viewer, "/patterns/")
    for slug in DRAWN:
        assert f'id="say-{slug}"' in page
        assert f'href="/patterns/{slug}/?months=12"' in page
    for one in QUESTIONS:
        if not one.on_overview:
            assert f'href="/patterns/{one.slug}/?months=12"' in page


@pytest.mark.usefixtures("enough")
def test_the_time_before_stands_beside_every_answer_when_asked_for(viewer: Client) -> None:
    happened(months_ago(14), *["data"] * 5)
    happened(months_ago(1), *["org"] * 5)
    plain = shown(viewer, "/patterns/")
    assert "The time before:" not in plain
    assert re.search(r'href="/patterns/\?months=12&amp;compare=1">Compare with the 12 before</a>', plain)
    page = shown(viewer, "/patterns/?compare=1")
    assert page.count("The time before:") == len(DRAWN)
    assert re.search(r'href="/patterns/\?months=12" aria-current="true">Compare', page)
    month = shown(viewer, f"{MONTHS}?compare=1")
    before = re.search(r"The time before:</b>(.*?)</p>", month, re.DOTALL)
    assert before is not None
    assert "data" in before[1]
    assert "org" not in before[1]


@pytest.mark.usefixtures("enough")
def test_how_long_it_took_before_is_asked_of_the_time_before(viewer: Client) -> None:
    for _ in range(6):
        happened(months_ago(1), "data")
    page = shown(viewer, "/patterns/durations/?compare=1")
    before = re.search(r"The time before:</b>(.*?)</p>", page, re.DOTALL)
    assert before is not None
    assert "n = 0." in before[1]


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize(("query", "most"), [("", 40), ("?compare=1", 70)])
def test_an_overview_of_many_takes_as_many_queries_however_many(
    viewer: Client, query: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counted = []
    for _ in range(2):
        for place in range(3):
            happened(months_ago(place), "data", "org", service=make.service(), reviewed=True)
        with django_assert_max_num_queries(most) as captured:
            assert viewer.get(f"/patterns/{query}").status_code == 200
        counted.append(len(captured))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("path", ["/patterns/", MONTHS])
def test_pages_with_charts_are_compressed_for_who_takes_it(viewer: Client, path: str) -> None:
    happened(months_ago(1), "data")
    plain = viewer.get(path)
    squeezed = viewer.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert squeezed["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.content).startswith(b"<!doctype html>")
    assert len(squeezed.content) < len(plain.content) / 2


# ---- of one service, team or layer ----


@pytest.fixture
def fraud() -> Service:
    """A service that a team answers for, with an incident in data; another incident elsewhere in org."""
    by, service = make.person(), make.service("Fraud score", owner=make.team("Risk"))
    happened(_at(), "data", service=service, by=by)
    happened(_at(), "org", by=by)
    return service


def _at() -> datetime:
    return months_ago(1)


@pytest.mark.parametrize(
    ("path", "heading", "kept"),
    [
        ("/patterns/service/fraud-score/", "Patterns of Fraud score", "service=fraud-score"),
        ("/patterns/team/risk/", "Patterns of the services of Risk", "team=risk"),
        ("/patterns/layer/data/", "Patterns where data failed", "failing=data"),
    ],
)
def test_a_page_of_one_has_its_filter_fixed_and_leads_on_with_it(
    viewer: Client, fraud: Service, path: str, heading: str, kept: str
) -> None:
    page, name = shown(viewer, path), kept.partition("=")[0]
    assert f"<h1>{heading}</h1>" in page
    assert len(entries(page)) == 1
    assert f'href="{path}?months=3"' in page
    assert f'href="/patterns/months/?months=12&amp;{kept}"' in page
    assert f'name="{name}"' not in page
    assert f'action="{path}"' in page
    assert len(entries(shown(viewer, f"{path}?{name}=something-else"))) == 1


@pytest.mark.parametrize("path", ["service/none", "team/none", "layer/none", "service/-"])
def test_a_page_of_what_is_not_there_is_not_there(viewer: Client, path: str) -> None:
    assert viewer.get(f"/patterns/{path}/").status_code == 404


def test_the_service_and_the_team_lead_to_their_patterns(viewer: Client, fraud: Service) -> None:
    assert 'href="/patterns/service/fraud-score/"' in shown(viewer, f"/services/{fraud.slug}/")
    assert 'href="/patterns/team/risk/"' in shown(viewer, "/teams/risk/")
    assert 'href="/patterns/layer/data/"' in shown(viewer, "/patterns/")


# ---- sums ----


def test_a_table_of_counts_has_its_sums(viewer: Client) -> None:
    happened(months_ago(2), "data", "data", "org")
    happened(months_ago(1), "org")
    page = shown(viewer, MONTHS)
    foot = re.search(r"<tfoot>(.*?)</tfoot>", page, re.DOTALL)
    assert foot is not None
    assert re.findall(r'<td class="num">(\d+)</td>', foot[1]) == ["2", "0", "0", "0", "0", "2", "0", "4"]
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r'<td class="num">(.*?)</td>', row, re.DOTALL) for row in body.split("</tr>")]
    assert sum(int(re.sub(r"<[^>]+>", "", cells[-1])) for cells in rows if cells) == 4


def test_a_page_shows_the_first_rows_of_a_long_table_and_the_file_has_them_all(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "MOST_ROWS", 2)
    for name in ("Answers", "Calls", "Search"):
        happened(months_ago(1), "data", service=make.service(name))
    page = shown(viewer, "/patterns/hurt/")
    rows = viewer.get("/patterns/hurt.csv").content.decode().strip().splitlines()[1:]
    assert page.count('<th scope="row">') == 2
    assert f"{len(rows) - 2} more rows are in the CSV file." in page
