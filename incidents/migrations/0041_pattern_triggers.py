"""What the patterns count, kept by triggers: a row for each incident and for each current finding.

The functions say what the rows are, at any instant; the tables hold what the functions give for 'infinity', which means
now. A statement that changes anything they read refreshes the incidents it touched, in the order of their numbers and
under a lock, so that of two at once the later sees what the earlier wrote. Rewriting the tables from the functions is
always right: see the command `patterns`.
"""

from typing import ClassVar

from django.db import migrations

LAYER_BIT = """
CREATE FUNCTION seamline_layer_bit(layer text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (CASE layer WHEN 'data' THEN 1 WHEN 'integration' THEN 2 WHEN 'latency' THEN 4 WHEN 'evaluation' THEN 8
        WHEN 'guardrail' THEN 16 WHEN 'org' THEN 32 WHEN 'model' THEN 64 ELSE 0 END)::smallint
$$;
"""

# Type, detection, privacy and the chain have no versions: they are told as they are now.
INCIDENTS = """
CREATE FUNCTION seamline_pattern_incidents(asked timestamptz) RETURNS SETOF incidents_patternincident
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT i.id, v.detected_at, v.severity, i.type, i.detected_by, i.private,
        NOT (
            EXISTS (SELECT FROM incidents_incidentmerge m WHERE m.merged_id = i.id AND m.at <= asked
                AND (m.ended_at IS NULL OR m.ended_at > asked))
            OR EXISTS (SELECT FROM incidents_alert a WHERE a.incident_id = i.id AND a.is_test)
            OR EXISTS (SELECT FROM incidents_alert a WHERE a.incident_id = i.id AND a.dismissed_at <= asked)
            AND NOT EXISTS (SELECT FROM incidents_alert a WHERE a.incident_id = i.id
                AND (a.dismissed_at IS NULL OR a.dismissed_at > asked))
        ),
        v.impact_from, v.impact_until, v.impact_precision, v.acknowledged_at, v.identified_at, v.mitigated_at,
        v.resolved_at, e.share_from, e.share_until, coalesce(e.monitors_green, 'unknown'),
        CASE WHEN i.chain ? 'accountable' THEN jsonb_typeof(i.chain -> 'accountable') = 'object' END,
        CASE WHEN i.first_blamed_at <= asked THEN i.first_blame ELSE '' END, i.suggested_layer,
        coalesce(f.primary_layer, ''), coalesce(f.primary_state, ''), coalesce(f.reviewed, 0::smallint),
        coalesce(f.provisional, 0::smallint), v.service_id
    FROM incidents_incident i
    JOIN incidents_incidentversion v ON v.incident_id = i.id
        AND v.known_from <= asked AND (v.superseded_at IS NULL OR v.superseded_at > asked)
    LEFT JOIN LATERAL (
        SELECT min(layer) FILTER (WHERE "primary") AS primary_layer, min(state) FILTER (WHERE "primary") AS primary_state,
            bit_or(seamline_layer_bit(layer)) FILTER (WHERE state = 'reviewed') AS reviewed,
            bit_or(seamline_layer_bit(layer)) FILTER (WHERE state = 'provisional') AS provisional
        FROM incidents_finding
        WHERE incident_id = i.id AND known_from <= asked AND (superseded_at IS NULL OR superseded_at > asked)
    ) f ON true
    LEFT JOIN incidents_impactfacts e ON e.incident_id = i.id
        AND e.known_from <= asked AND (e.superseded_at IS NULL OR e.superseded_at > asked)
$$;
"""

FINDINGS = """
CREATE FUNCTION seamline_pattern_findings(asked timestamptz) RETURNS SETOF incidents_patternfinding
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT f.id, p.detected_at, p.severity, p.detected_by, p.private, p.counted, f.layer, f.role, f.confidence,
        f."primary", f.state, f.component_id, f.dependency_id, f.incident_id, f.mode_id, p.service_id
    FROM seamline_pattern_incidents(asked) p
    JOIN incidents_finding f ON f.incident_id = p.incident_id
        AND f.known_from <= asked AND (f.superseded_at IS NULL OR f.superseded_at > asked)
$$;
"""

REFRESH = """
CREATE FUNCTION seamline_pattern_refresh(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM incidents_patternincident WHERE incident_id = ANY(ids) ORDER BY incident_id FOR UPDATE;
    INSERT INTO incidents_patternincident AS kept
        SELECT * FROM seamline_pattern_incidents('infinity') WHERE incident_id = ANY(ids) ORDER BY incident_id
        ON CONFLICT (incident_id) DO UPDATE SET
            (%(incident_columns)s) = ROW(%(incident_values)s)
            WHERE ROW(kept.*) IS DISTINCT FROM ROW(EXCLUDED.*);
    DELETE FROM incidents_patternfinding WHERE incident_id = ANY(ids) AND NOT EXISTS (
        SELECT FROM incidents_finding f WHERE f.id = finding_id AND f.superseded_at IS NULL);
    INSERT INTO incidents_patternfinding AS kept
        SELECT * FROM seamline_pattern_findings('infinity') WHERE incident_id = ANY(ids) ORDER BY finding_id
        ON CONFLICT (finding_id) DO UPDATE SET
            (%(finding_columns)s) = ROW(%(finding_values)s)
            WHERE ROW(kept.*) IS DISTINCT FROM ROW(EXCLUDED.*);
END $$;
"""
SHARED = ("detected_at", "severity", "detected_by", "private", "counted")
INCIDENT_COLUMNS = (
    *SHARED,
    "type",
    "impact_from",
    "impact_until",
    "impact_precision",
    "acknowledged_at",
    "identified_at",
    "mitigated_at",
    "resolved_at",
    "share_from",
    "share_until",
    "monitors_green",
    "owned",
    "first_blame",
    "suggested_layer",
    "primary_layer",
    "primary_state",
    "reviewed",
    "provisional",
    "service_id",
)
FINDING_COLUMNS = (
    *SHARED,
    "layer",
    "role",
    "confidence",
    "is_primary",
    "state",
    "component_id",
    "dependency_id",
    "incident_id",
    "mode_id",
    "service_id",
)


def _listed(columns: tuple[str, ...], prefix: str = "") -> str:
    return ", ".join(prefix + column for column in columns)


# For each table: the column with the incident's number, and what of a changed row the functions read.
READ = {
    "incident": (
        "id",
        "type detected_by private first_blame first_blamed_at suggested_layer chain severity service_id impact_from"
        " impact_until impact_precision detected_at acknowledged_at identified_at mitigated_at resolved_at",
    ),
    "finding": ("incident_id", "superseded_at"),
    "impactfacts": ("incident_id", "superseded_at"),
    "incidentmerge": ("merged_id", "ended_at"),
    "alert": ("incident_id", "incident_id is_test dismissed_at"),
}
def triggers(table: str) -> str:
    """The two triggers of a table, with the functions that refresh the incidents whose rows they were given."""
    number, columns = READ[table]
    changed = ", ".join(f"fresh.{column}" for column in columns.split())
    before = ", ".join(f"stale.{column}" for column in columns.split())
    written = f"SELECT {number} AS number FROM fresh"
    if table == "alert":  # one that joins changes what is counted only where a test or a dismissal is about
        written = """SELECT incident_id AS number FROM fresh WHERE is_test OR dismissed_at IS NOT NULL OR EXISTS (
            SELECT FROM incidents_patternincident p WHERE p.incident_id = fresh.incident_id AND NOT p.counted)"""
    return f"""
CREATE FUNCTION seamline_pattern_{table}_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(DISTINCT number ORDER BY number) INTO ids FROM ({written}) written WHERE number IS NOT NULL;
    IF ids IS NOT NULL THEN
        PERFORM seamline_pattern_refresh(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER zz_patterns_written AFTER INSERT ON incidents_{table} REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION seamline_pattern_{table}_written();
CREATE FUNCTION seamline_pattern_{table}_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(DISTINCT number ORDER BY number) INTO ids FROM (
        SELECT unnest(ARRAY[fresh.{number}, stale.{number}]) AS number FROM fresh JOIN stale USING (id)
        WHERE ({changed}) IS DISTINCT FROM ({before})
    ) changed WHERE number IS NOT NULL;
    IF ids IS NOT NULL THEN
        PERFORM seamline_pattern_refresh(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER zz_patterns_changed AFTER UPDATE ON incidents_{table}
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION seamline_pattern_{table}_changed();
"""


def triggers_back(table: str) -> str:
    """What takes them away again."""
    return f"""
DROP TRIGGER zz_patterns_written ON incidents_{table};
DROP TRIGGER zz_patterns_changed ON incidents_{table};
DROP FUNCTION seamline_pattern_{table}_written();
DROP FUNCTION seamline_pattern_{table}_changed();
"""


FILL = """
INSERT INTO incidents_patternincident SELECT * FROM seamline_pattern_incidents('infinity');
INSERT INTO incidents_patternfinding SELECT * FROM seamline_pattern_findings('infinity');
"""
FUNCTIONS = (
    LAYER_BIT
    + INCIDENTS
    + FINDINGS
    + REFRESH
    % {
        "incident_columns": _listed(INCIDENT_COLUMNS),
        "incident_values": _listed(INCIDENT_COLUMNS, "EXCLUDED."),
        "finding_columns": _listed(FINDING_COLUMNS),
        "finding_values": _listed(FINDING_COLUMNS, "EXCLUDED."),
    }
)
FUNCTIONS_BACK = """
DROP FUNCTION seamline_pattern_refresh(bigint[]);
DROP FUNCTION seamline_pattern_findings(timestamptz);
DROP FUNCTION seamline_pattern_incidents(timestamptz);
DROP FUNCTION seamline_layer_bit(text);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0040_pattern_facts")]
    operations: ClassVar = [
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_BACK),
        *(migrations.RunSQL(triggers(table), triggers_back(table)) for table in READ),
        migrations.RunSQL(FILL, "TRUNCATE incidents_patternincident, incidents_patternfinding"),
    ]
