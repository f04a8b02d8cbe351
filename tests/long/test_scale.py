"""100,000 incidents and a million timeline rows: every page reads by index, and only about as much as it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from benchmarks import seeding
from ownership.models import Person
from tests import plans

INCIDENTS = 100_000
MIDDLE, STORM, NEWEST = INCIDENTS // 2 + 1, INCIDENTS // 2, INCIDENTS
ALERTS = 10_000
MOST = 6_000  # rows that one place of one plan looks at

PAGES = [
    *seeding.pages(INCIDENTS).values(),
    "/?show=mine",
    "/?show=nobody",
    "/?service=service-005",
    f"/incidents/{STORM}/",
    f"/incidents/{NEWEST}/",
    "/people/me/",
    "/changes/",
    "/search/?q=answers+gateway",  # each is common; together they stand nowhere
    f"/search/?q=case+{MIDDLE}",
    "/search/?q=answers+-slow",
    "/search/?q=the",
    "/search/?q=late&kind=timelines",
    "/search/?q=answers&kind=incidents&after=50000",
]
LISTS = [
    "incidents/",
    "incidents/?unresolved=true",
    "incidents/?service=service-005",
    "incidents/?severity=sev1",
    "incidents/?first_blame=data",
    "timeline/",
    f"timeline/?incident={MIDDLE}",
    "alerts/",
    f"alerts/?incident={STORM}",
    "findings/",
    "findings/?layer=data",
    "findings/?layer=org",
    f"findings/?incident={MIDDLE}",
    "postmortems/",
    "actions/",
    "changes/",
]


@pytest.fixture(scope="module")
def history(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Person]:
    """The whole history, written once for all tests of this file, and somebody who looks at it."""
    with django_db_blocker.unblock():
        seeding.fill(INCIDENTS)
        seeding.storm(STORM, ALERTS)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        yield Person.objects.order_by("pk")[3]
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def client(history: Person, db: None) -> Client:
    signed_in = Client()
    signed_in.force_login(history)
    return signed_in


@pytest.mark.parametrize("path", [*PAGES, *[f"/api/v1/{path}" for path in LISTS]])
def test_a_page_reads_by_index_and_little(client: Client, path: str) -> None:
    reading = plans.of_page(client, path)
    assert reading.whole_tables == []
    assert [str(scan) for scan in reading.scans if scan.rows > MOST] == []


def test_words_between_rare_and_common_are_walked_to_for_a_short_way_only(client: Client) -> None:
    """About one row of a hundred holds both: too many for the index of words, too few for the latest rows."""
    reading = plans.of_page(client, "/search/?q=reranker+stale")
    assert reading.whole_tables == []
    assert reading.most <= 101 * 1_000_000 / 3_000 * 2


def test_a_storm_takes_as_many_queries_as_one_alert(client: Client) -> None:
    few, many = (plans.of_page(client, f"/incidents/{number}/") for number in (STORM - 2, STORM))
    assert many.queries <= few.queries + 1
