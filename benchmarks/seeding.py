"""A made-up history of any size, set-wise: incidents with their timelines, alerts, findings and postmortems.

Fifty incidents a day, the newest now: so the years grow with the size, and what is open (200) does not. One in a
hundred is written about in a postmortem. Rows are written by INSERT … SELECT with triggers off, which needs a superuser
but takes seconds for a million rows; columns that are not said get the model's own default, so a new column needs
nothing here. Used by the benchmark of the pages and by the tests that read plans.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models

from incidents.alerts.models import Alert, Source
from incidents.postmortems.models import Postmortem, PostmortemTemplate, Section
from incidents.response.models import Finding, Incident, IncidentVersion, TimelineRow
from ownership.models import Alias, Assignment, Component, Membership, Part, Person, Service, Team
from ownership.vocabulary import Role

PEOPLE, TEAMS, SERVICES, PARTS = 60, 10, 100, 5
OPEN = 200
PER_DAY = 50
ROWS, ALERTS = 10, 2  # of each incident
RARE = 10  # incidents in whose titles RARE_WORD stands, whatever the size
RARE_WORD, SOME_WORD, COMMON_WORD = "wombat", "gateway", "answers"  # in RARE, in 1 % and in every second incident
_WHAT = "ARRAY['late', 'empty', 'wrong', 'stale', 'slow', 'cut off', 'repeated', 'refused']"
_WHERE = (
    "ARRAY['retriever', 'reranker', 'prompt', 'index', 'tokenizer', 'cache', 'tool call', 'judge', 'feature store']"
)
_MODES = "ARRAY['integration.retry_amplification', 'data.schema_drift']"


def fill(incidents: int) -> None:
    """A catalogue, and this many incidents in tables that were empty; leaves fresh statistics behind."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            catalogue()
            _incidents(incidents)
            _timelines(incidents)
            _alerts(incidents)
            _findings(incidents)
            _postmortems(incidents)
        finally:
            cursor.execute("SET session_replication_role = origin")
        count_on()
        cursor.execute("ANALYZE")


def pages(incidents: int) -> dict[str, str]:
    """The addresses that a history of this size is measured by; what they show is the same at every size."""
    middle = incidents // 2 + 1
    return {
        "board": "/",
        "board, resolved": "/?show=resolved",
        "incident": f"/incidents/{middle}/",
        "service": "/services/service-005/",
        "postmortems": "/postmortems/",
        "search, a rare word": f"/search/?q={RARE_WORD}",
        "search, a common word": f"/search/?q={COMMON_WORD}",
        "search, the beginning of a word": "/search/?q=retr",
        "search, two words": f"/search/?q={COMMON_WORD}+{RARE_WORD}",
        "search, nothing found": "/search/?q=nothingatall",
    }


def storm(incident: int, alerts: int) -> None:
    """So many alerts more for one incident, half of them still firing."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        _insert_alerts(f"generate_series(1, {alerts}) AS n", f"'storm-{incident}-' || n", str(incident), "n % 2 = 0")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE incidents_alert")


def write(model: type[models.Model], rows: str, **columns: str) -> None:
    """INSERT … SELECT these expressions for each of `rows`, a FROM clause; other columns take the model's default."""
    names: list[str] = []
    values: list[str] = []
    params: list[Any] = []
    for field in model._meta.concrete_fields:
        said = columns.get(field.name, columns.get(field.attname))
        if said is None and field.primary_key:
            continue
        names.append(connection.ops.quote_name(str(field.column)))
        values.append(said.replace("%", "%%") if said else "%s")
        if said is None:
            params.append(_default(field))
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {rows.replace('%', '%%')}"
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _default(field: models.Field[Any, Any]) -> Any:
    value = field.get_default()
    return None if value is None and field.null else field.get_db_prep_save(value, connection)


def catalogue() -> None:
    """People, teams, services with their parts, and who answers for what."""
    people = Person.objects.bulk_create(
        [Person(email=f"p{n}@example.org", name=f"Person {n}", role=Role.RESPONDER) for n in range(PEOPLE)]
    )
    teams = Team.objects.bulk_create([Team(name=f"Team {n}", slug=f"team-{n}") for n in range(TEAMS)])
    Membership.objects.bulk_create([Membership(team=teams[n % TEAMS], person=one) for n, one in enumerate(people)])
    names = [f"Service {n:03}" for n in range(SERVICES)]
    services = Service.objects.bulk_create(
        [Service(name=name, slug=name.lower().replace(" ", "-"), outcome="Users get it in time.") for name in names]
    )
    components = Component.objects.bulk_create(
        [Component(name=f"Component {n:04}", kind="api", custodian=teams[n % TEAMS]) for n in range(SERVICES * PARTS)]
    )
    Alias.objects.bulk_create([Alias(component=one, system="job", key=one.name.lower()) for one in components])
    Part.objects.bulk_create(
        [Part(service=services[n // PARTS], component=one, position=n % PARTS) for n, one in enumerate(components)]
    )
    since = "tstzrange(now() - interval '9 years', NULL)"
    write(
        Assignment,
        "ownership_service AS service",
        service="service.id",
        person=f"(SELECT min(id) FROM ownership_person) + service.id % {PEOPLE}",
        role="'accountable'",
        during=since,
        known_from="now() - interval '9 years'",
    )


def _incidents(count: int) -> None:
    """The last OPEN of them are open; of these every second one is acknowledged."""
    at = f"now() - ({count} - n) * interval '{86400 / PER_DAY} s'"
    open_ = f"n > {count - OPEN}"
    person = f"(SELECT min(id) FROM ownership_person) + n % {PEOPLE}"
    write(
        Incident,
        f"generate_series(1, {count}) AS n",
        id="n",
        title=_title(count),
        impact="'Users of region ' || n % 17 || ' saw it.'",
        service="CASE WHEN n % 50 > 0 THEN (SELECT min(id) FROM ownership_service) + n % 100 END",
        severity="(ARRAY['sev1', 'sev2', 'sev3', 'sev4', 'pending'])[1 + n % 5]",
        detected_at=at,
        opened_at=at,
        changed_at=at,
        acknowledged_at=f"CASE WHEN NOT ({open_}) OR n % 2 = 0 THEN {at} END",
        acknowledged_by=f"CASE WHEN NOT ({open_}) OR n % 2 = 0 THEN {person} END",
        ball=f"CASE WHEN NOT ({open_}) OR n % 2 = 0 THEN {person} END",
        resolved_at=f"CASE WHEN NOT ({open_}) THEN {at} + interval '40 min' END",
        resolved_by=f"CASE WHEN NOT ({open_}) THEN {person} END",
        resolved_how=f"CASE WHEN {open_} THEN '' ELSE 'person' END",
        declared_via="'alert'",
        grouping_key="'seeded:' || n",
    )
    write(
        IncidentVersion,
        "incidents_incident AS one",
        incident="one.id",
        severity="one.severity",
        service="one.service_id",
        impact_precision="one.impact_precision",
        detected_at="one.detected_at",
        acknowledged_at="one.acknowledged_at",
        resolved_at="one.resolved_at",
        known_from="one.opened_at",
    )


def _title(count: int) -> str:
    """The words are of a few dozen, so that they repeat as those of a real history do."""
    rare = f"CASE WHEN n % {max(1, count // RARE)} = 1 THEN '{RARE_WORD}' END"
    some = f"CASE WHEN n % 100 = 7 THEN '{SOME_WORD}' END"
    common = f"CASE WHEN n % 2 = 0 THEN '{COMMON_WORD}' ELSE 'scores' END"
    return (
        f"concat_ws(' ', {_one(_WHERE, 'n / 8')}, 'gave', {_one(_WHAT, 'n')}, {common}, {some}, {rare}, 'case ' || n)"
    )


def _one(words: str, number: str) -> str:
    """One of an array's words."""
    return f"({words})[1 + ({number}) % array_length({words}, 1)]"


def _timelines(count: int) -> None:
    """ROWS of each incident: what alerts and rules wrote, and what three people said."""
    kinds = (
        "ARRAY['declared', 'alert_firing', 'routed', 'acknowledged', 'note',"
        " 'alert_firing', 'note', 'severity', 'note', 'resolved']"
    )
    said = f"concat_ws(' ', 'the', {_one(_WHERE, 'n + k')}, 'was', {_one(_WHAT, 'n + k')}, 'again, see case', n / 7)"
    write(
        TimelineRow,
        f"(SELECT id AS n, * FROM incidents_incident) AS one, generate_series(0, {ROWS - 1}) AS k",
        incident="n",
        kind=f"({kinds})[1 + k]",
        at="one.detected_at + k * interval '3 min'",
        recorded_at="one.detected_at + k * interval '3 min'",
        by="CASE WHEN k IN (3, 4, 6, 8) THEN COALESCE(one.ball_id, (SELECT min(id) FROM ownership_person)) END",
        text=f"CASE k WHEN 0 THEN one.title WHEN 1 THEN 'Latency of ' || one.title WHEN 2 THEN 'by rule' WHEN 3 THEN ''"
        f" ELSE {said} END",
    )


def _alerts(count: int) -> None:
    """ALERTS of each incident, firing while it is open."""
    Source.objects.bulk_create([Source(kind="alertmanager", name="Seeded")])
    _insert_alerts(
        f"incidents_incident AS one, generate_series(1, {ALERTS}) AS k",
        "'seeded-' || one.id || '-' || k",
        "one.id",
        "one.resolved_at IS NULL",
        at="one.detected_at",
    )


def _insert_alerts(rows: str, key: str, incident: str, firing: str, *, at: str = "now()") -> None:
    write(
        Alert,
        rows,
        source="(SELECT id FROM incidents_source WHERE name = 'Seeded')",
        problem_key=key,
        name="'Latency'",
        title=f"'Latency of ' || {key}",
        summary="'p99 over budget for ten minutes in a row.'",
        severity="'high'",
        severity_raw="'critical'",
        labels="jsonb_build_object('alertname', 'Latency', 'instance', " + key + ")",
        started_at=at,
        last_event_at=at,
        received_at=at,
        last_received_at=at,
        processed_at=at,
        resolved_at=f"CASE WHEN NOT ({firing}) THEN {at} + interval '30 min' END",
        times_seen="1",
        lately="1",
        incident=incident,
        why="'its service'",
    )


def _findings(count: int) -> None:
    """A provisional finding of each resolved incident, of two modes in turn."""
    write(
        Finding,
        "incidents_incident AS one WHERE one.resolved_at IS NOT NULL",
        line="gen_random_uuid()",
        incident="one.id",
        mode=f"({_MODES})[1 + one.id % 2]",
        layer=f"split_part(({_MODES})[1 + one.id % 2], '.', 1)",
        evidence="'Trace ' || md5(one.id::text) || ' shows it.'",
        primary="true",
        by="one.resolved_by_id",
        known_from="one.resolved_at",
    )


def _postmortems(count: int) -> None:
    """A draft of every hundredth resolved incident, with four sections."""
    template = PostmortemTemplate.objects.order_by("pk")[0].pk
    write(
        Postmortem,
        "incidents_incident AS one WHERE one.resolved_at IS NOT NULL AND one.id % 100 = 0",
        incident="one.id",
        template=str(template),
        title="one.title",
        author="one.resolved_by_id",
        started_at="one.resolved_at",
    )
    said = f"concat_ws(' ', 'We believed the', {_one(_WHERE, 'one.id + k')}, 'could not be', {_one(_WHAT, 'one.id')})"
    write(
        Section,
        "incidents_postmortem AS one, generate_series(1, 4) AS k",
        postmortem="one.id",
        key="'part-' || k",
        heading="'Part ' || k",
        position="k",
        text=f"repeat({said} || '. ', 20)",
    )


def count_on() -> None:
    """The next id after those that were given."""
    table = Incident._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
