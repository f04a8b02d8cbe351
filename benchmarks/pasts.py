"""A made-up past of ten years for the charts: incidents, findings, impact, verdicts and latencies of stages.

Written as by `seeding`: INSERT … SELECT with triggers off, then the rows that charts count are reckoned from it, as the
command `patterns rebuild` does. A few services, modes and layers have most of it; incidents last lognormally; one in a
hundred is private, some of the newest are open, a tenth has no finding. It is the same at every run, but for the clock.
"""

from __future__ import annotations

from django.db import connection

from benchmarks import seeding
from benchmarks.seeding import write
from incidents.postmortems.models import Postmortem, PostmortemTemplate, StageLatency
from incidents.response.models import Finding, ImpactFacts, Incident, IncidentVersion, SuggestionVerdict

YEARS = 10
OPEN = 200
LAYERS = "ARRAY['data', 'integration', 'latency', 'evaluation', 'guardrail', 'org', 'model']"
NORMAL = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"
PERSON = "(SELECT min(id) FROM ownership_person)"
# A few services have most incidents; those of the last twelve months come last, so that the newest are open.
ROWS = f"""(
    SELECT n, n > {{total}} - {OPEN} AS still, random() AS a, random() AS b, random() AS c, random() AS d,
        date_trunc('minute', CASE
            WHEN n > {{total}} - {OPEN} THEN now() - random() * interval '7 days'
            WHEN n > {{outside}} THEN now() - interval '2 days' - random() * interval '360 days'
            ELSE now() - interval '400 days' - random() * interval '3250 days' END) AS at,
        exp(3.9 + 1.4 * {NORMAL}) * interval '1 minute' AS lasted, exp(1.8 + {NORMAL}) * interval '1 minute' AS noticed
    FROM generate_series(1, {{total}}) AS n
) AS one"""
REWRITE = """
TRUNCATE incidents_patternincident, incidents_patternfinding;
INSERT INTO incidents_patternincident SELECT * FROM seamline_pattern_incidents('infinity');
INSERT INTO incidents_patternfinding SELECT * FROM seamline_pattern_findings('infinity');
"""


def fill(inside: int, outside: int) -> None:
    """So many incidents in the last twelve months and so many before, in tables that were empty; reckons the rest."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute("SELECT setseed(0.42)")
            seeding.catalogue()
            _incidents(inside, outside)
            _findings()
            _beside()
        finally:
            cursor.execute("SET session_replication_role = origin")
        seeding.count_on()
        cursor.execute("ANALYZE")
        cursor.execute(REWRITE)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _incidents(inside: int, outside: int) -> None:
    over = "CASE WHEN NOT still THEN {} END"
    write(
        Incident,
        ROWS.format(total=inside + outside, outside=outside),
        id="n",
        title="'Case ' || n",
        type="(ARRAY['', 'quality', 'quality', 'latency', 'availability', 'near_miss'])[1 + floor(a * 6)::int]",
        service="CASE WHEN b < 0.97 THEN (SELECT min(id) FROM ownership_service) + floor(100 * power(c, 2.5))::int END",
        severity="(ARRAY['sev1', 'sev2', 'sev2', 'sev3', 'sev3', 'sev3', 'sev4'])[1 + floor(d * 7)::int]",
        detected_by="(ARRAY['', 'monitor', 'monitor', 'user_report', 'user_report', 'online_eval', 'internal_user',"
        " 'vendor'])[1 + floor(b * 8)::int]",
        impact_from="CASE WHEN c < 0.6 THEN at - noticed END",
        impact_precision="CASE WHEN c < 0.6 THEN 'minute' ELSE 'unknown' END",
        detected_at="at",
        opened_at="at",
        changed_at="at",
        acknowledged_at=over.format("at + lasted * 0.1"),
        acknowledged_by=over.format(PERSON),
        mitigated_at=over.format("at + lasted * 0.7"),
        mitigated_by=over.format(PERSON),
        resolved_at=over.format("at + lasted"),
        resolved_by=over.format(PERSON),
        resolved_how="CASE WHEN still THEN '' ELSE 'person' END",
        first_blame=f"CASE WHEN d < 0.5 THEN ({LAYERS})[8 - ceil(7 * power(a, 2))::int] ELSE '' END",
        first_blamed_at="CASE WHEN d < 0.5 THEN at END",
        first_blamed_by=f"CASE WHEN d < 0.5 THEN {PERSON} END",
        suggested_layer=f"CASE WHEN a < 0.4 THEN ({LAYERS})[1 + floor(7 * power(b, 2))::int] ELSE '' END",
        chain="CASE WHEN c < 0.9 THEN jsonb_build_object('accountable', CASE WHEN d < 0.8 THEN '{}'::jsonb END)"
        " ELSE '{}' END",
        private="n % 100 = 0",
        declared_via="'web'",
        grouping_key="'past:' || n",
    )
    same = (
        *("severity", "impact_from", "impact_precision", "detected_at", "acknowledged_at", "mitigated_at"),
        *("resolved_at", "type", "detected_by", "suggested_layer"),
    )
    owned = "CASE WHEN one.chain ? 'accountable' THEN jsonb_typeof(one.chain -> 'accountable') = 'object' END"
    write(
        IncidentVersion,
        "incidents_incident AS one",
        **{name: f"one.{name}" for name in same},
        incident="one.id",
        service="one.service_id",
        owned=owned,
        known_from="one.opened_at",
    )


def _findings() -> None:
    """Two and a half an incident: none for a tenth, else one to five; the first is the primary one."""
    mode = "modes[1 + floor(array_length(modes, 1) * power(r, 2))::int]"
    rows = f"""(
        SELECT one.id AS number, one.resolved_by_id, one.detected_at, k, {mode} AS mode, random() AS s
        FROM (SELECT i.*, CASE WHEN i.id % 10 > 0 THEN 1 + floor(4.56 * random())::int ELSE 0 END AS most
            FROM incidents_incident i WHERE i.resolved_at IS NOT NULL) AS one
        CROSS JOIN LATERAL (SELECT k, random() AS r FROM generate_series(1, one.most) AS k) AS each
        CROSS JOIN (SELECT array_agg(code::text ORDER BY md5(code)) AS modes FROM incidents_failuremode) AS known
    ) AS one"""
    write(
        Finding,
        rows,
        line="gen_random_uuid()",
        incident="number",
        mode="mode",
        layer="split_part(mode, '.', 1)",
        component="CASE WHEN s < 0.5 THEN (SELECT min(id) FROM ownership_component) + floor(1000 * s * s)::int END",
        role="CASE WHEN k = 1 THEN 'cause' WHEN s < 0.3 THEN 'detection_gap' ELSE 'contributing' END",
        evidence="'Trace ' || number",
        confidence="CASE WHEN s < 0.5 THEN 'confirmed' ELSE 'probable' END",
        primary="k = 1",
        state="CASE WHEN s < 0.8 THEN 'reviewed' ELSE 'provisional' END",
        by="resolved_by_id",
        known_from="detected_at",
    )


def _beside() -> None:
    """Impact of every second incident, verdicts on half of what was suggested, stages of every hundredth."""
    write(
        ImpactFacts,
        "incidents_incident AS one WHERE one.id % 2 = 0",
        incident="one.id",
        share_from="(one.id * 7919 % 1000) / 10.0",
        share_until="(one.id * 7919 % 1000) / 10.0",
        monitors_green="(ARRAY['yes', 'no', 'unknown'])[1 + one.id % 3]",
        by=PERSON,
        known_from="one.detected_at",
    )
    write(
        SuggestionVerdict,
        "incidents_incident AS one WHERE one.suggested_layer <> '' AND one.id % 2 = 0",
        incident="one.id",
        book="'builtin'",
        rule="'rule-' || one.id % 12",
        version="1",
        suggested_layer="one.suggested_layer",
        layer="one.suggested_layer",
        verdict="'accepted'",
        by=PERSON,
        at="one.detected_at",
    )
    template = PostmortemTemplate.objects.order_by("pk")[0].pk
    rows = "incidents_incident AS one WHERE one.resolved_at IS NOT NULL AND one.id % 100 = 1"
    said = {"incident": "one.id", "template": str(template), "title": "one.title", "author": PERSON}
    write(Postmortem, rows, **said, started_at="one.resolved_at")
    write(
        StageLatency,
        "incidents_postmortem AS one, generate_series(1, 4) AS k",
        postmortem="one.id",
        line="gen_random_uuid()",
        position="k",
        name="'Stage ' || k",
        budget_ms="100 * k",
        p95_ms="50 * k + one.id % 200",
        p99_ms="150 * k + one.id % 200",
        by=PERSON,
        known_from="one.started_at",
    )
