"""With tens of thousands of incidents every query of the board goes by an index, whatever it is narrowed to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.response import reminding
from incidents.response.models import Incident
from incidents.response.queries import board
from incidents.response.queries.wanted import USUAL
from ownership.models import Person, Service, Team
from tests import factories as make

pytestmark = pytest.mark.django_db

INCIDENTS = 30_000
STILL_OPEN = 2_000
TABLE = "incidents_incident"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
# Every 20th is open at most; a quarter of them nobody answers for; one layer and one severity are rare. All other
# columns are those of one incident that was declared.
COLUMNS = {
    "title": "'Incident ' || n",
    "service_id": "CASE WHEN n %% 4 > 0 THEN %(services)s::bigint + n %% 40 END",
    "severity": "(ARRAY['sev1','sev2','sev3','sev3','sev4','sev4','sev4','pending'])"
    "[CASE WHEN n %% 500 = 0 THEN 1 ELSE 2 + n %% 7 END]",
    "detected_at": "at",
    "acknowledged_at": "CASE WHEN over OR n %% 3 = 0 THEN at END",
    "acknowledged_by_id": "CASE WHEN over OR n %% 3 = 0 THEN %(person)s::bigint END",
    "resolved_at": "CASE WHEN over THEN at + interval '2 hours' END",
    "resolved_by_id": "CASE WHEN over THEN %(person)s::bigint END",
    "resolved_how": "CASE WHEN over THEN 'person' ELSE '' END",
    "first_blame": "blame",
    "first_blamed_at": "CASE WHEN blame <> '' THEN at END",
    "first_blamed_by_id": "CASE WHEN blame <> '' THEN %(person)s::bigint END",
    "suggested_layer": "CASE WHEN n %% 5 = 0 THEN 'latency' ELSE '' END",
    "ball_id": "%(person)s::bigint + n %% 30",
}
SEED = """
INSERT INTO incidents_incident ({names}) SELECT {values}
FROM (SELECT n, timestamptz '2026-11-20 12:00Z' - n * interval '10 minutes' AS at, n > %(open)s AS over,
  CASE WHEN n %% 900 = 0 THEN 'org' WHEN n %% 2 = 0 THEN 'data' ELSE '' END AS blame
  FROM generate_series(1, %(count)s) AS n) AS one, (SELECT * FROM incidents_incident LIMIT 1) AS sample
"""


def seed() -> str:
    """The statement that writes all of them."""
    names = [field.column for field in Incident._meta.concrete_fields if not field.primary_key]
    return SEED.format(names=", ".join(names), values=", ".join(COLUMNS.get(name, f"sample.{name}") for name in names))


@pytest.fixture
def maya() -> Person:
    """Somebody in an installation with a long history: 40 services, 30 people, a team that answers for some."""
    number = 10**6
    maya = make.person("Maya Okafor", pk=number)
    Person.objects.bulk_create(
        [Person(pk=number + n, name=f"P{n}", email=f"p{n}@example.org", role="responder") for n in range(1, 31)]
    )
    team = make.team("Answers team", maya)
    Service.objects.bulk_create(
        [Service(pk=number + n, name=f"Service {n:02}", slug=f"s-{n:02}", outcome="Works.") for n in range(40)]
    )
    for n, service in enumerate(Service.objects.order_by("pk")):
        make.assignment(service, team if n == 7 else Person.objects.get(pk=number + n % 30))
    make.incident(by=maya)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # foreign keys wait for the end otherwise, and hold the table
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        said = {"services": number, "person": number, "open": STILL_OPEN, "count": INCIDENTS}
        cursor.execute(seed(), said)
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
        cursor.execute("ANALYZE")
    return maya


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind of node or name of the index, table) of all that reads a table."""
    if "Relation Name" in plan:
        yield plan.get("Index Name", plan["Node Type"]), plan["Relation Name"]
    for inner in plan.get("Plans", []):
        yield from scans(inner)


def read(client: Client, address: str) -> tuple[Any, set[str]]:
    """The board at an address, and how its queries read the incidents."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    kinds = set()
    for query in captured.captured_queries:
        if TABLE in query["sql"] and query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"].replace("%", "%%"), ())
                (told,) = cursor.fetchone() or ("[]",)
            plan = told if isinstance(told, list) else json.loads(told)
            kinds |= {kind for kind, table in scans(plan[0]["Plan"]) if table == TABLE}
    assert kinds
    return answer.context["board"], kinds


FILTERS = [
    "",
    "mine=1",
    "nobody=1",
    "severity=sev1",
    "severity=sev1,sev2",
    "layer=org",
    "layer=latency",
    "layer=unknown",
    "service=s-03",
    "team=answers-team",
    "owner=person:1000005",
    "owner=team:{team}",
    "period=7d",
    "from=2026-03-01&to=2026-03-07",
    "service=s-03&severity=sev1",
    "mine=1&layer=org",
    "team=answers-team&severity=sev1&period=90d",
]


def test_no_query_reads_all_incidents(maya: Person) -> None:
    client = Client()
    client.force_login(maya)
    client.post("/board/views/new/?layer=data&team=answers-team", {"name": "Ours"})
    wrong = {}
    team = Team.objects.get().pk
    for state in ("open", "resolved", "all", "unacknowledged", "acknowledged"):
        for filters in FILTERS if state in {"open", "resolved"} else FILTERS[::3]:
            address = f"/?state={state}&{filters}".format(team=team)
            _, ways = read(client, address)
            if "Seq Scan" in ways:
                wrong[address] = ways
    assert wrong == {}
    for state, index in (("open", "incident_board"), ("resolved", "incident_resolved"), ("all", "incident_detected")):
        deep(client, state, index)


def deep(client: Client, state: str, index: str) -> None:
    """The twelfth page begins at its cursor, by the index that has the board's order, and so does the way back."""
    address, seen = f"/?state={state}", 0
    for _ in range(12):
        page, ways = read(client, address)
        assert index in ways
        assert "Seq Scan" not in ways
        seen += len(page.rows)
        address = f"/?state={state}&after={page.following}"
    assert seen == 600
    back, ways = read(client, f"/?state={state}&before={page.preceding}")
    assert index in ways
    assert len(back.rows) == 50


MERGED = """
UPDATE incidents_incident SET merged_into_id = %s, resolved_at = NULL, resolved_by_id = NULL, resolved_how = ''
WHERE resolved_at IS NOT NULL
"""


def test_what_was_merged_while_open_is_not_walked_over(maya: Person) -> None:
    """Nothing resolves it later: it stays out of the index of what is open, and of all that goes by that."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        cursor.execute(MERGED, [Incident.objects.filter(resolved_at=None).latest("pk").pk])
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
        cursor.execute("ANALYZE incidents_incident")
    assert Incident.objects.exclude(merged_into=None).count() == INCIDENTS - STILL_OPEN
    assert board.open_count(maya) == STILL_OPEN + 1
    assert touched(lambda: board.open_count(maya)) <= STILL_OPEN + 1
    assert touched(lambda: list(board.ordered(maya, USUAL, now=NOW)[:50])) <= 50
    assert touched(lambda: reminding.remind_silent(now=NOW)) <= STILL_OPEN + 1


def touched(act: Callable[[], object]) -> int:
    """How many rows of the incidents the first query of an act reads, taken or thrown away."""
    with CaptureQueriesContext(connection) as captured:
        act()
    statement = next(one["sql"] for one in captured.captured_queries if TABLE in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement.replace("%", "%%"), ())
        (told,) = cursor.fetchone() or ("[]",)
    plan = told if isinstance(told, list) else json.loads(told)
    return sum(rows(plan[0]["Plan"]))


def rows(plan: dict[str, Any]) -> Iterator[int]:
    """What each node that reads the incidents reads."""
    if plan.get("Relation Name") == TABLE:
        thrown = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        yield int((plan["Actual Rows"] + sum(plan.get(name, 0) for name in thrown)) * plan["Actual Loops"])
    for inner in plan.get("Plans", []):
        yield from rows(inner)
