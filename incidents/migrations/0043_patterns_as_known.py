"""What was known then stays what was known then, whatever is said later; and cheaper triggers.

An incident's type, detection, suggested layer and owner at its opening get versions as its times have them. Of two
transactions at once the one that began first may write last: its version then begins where the other's did, so that no
instant has two. Alerts count from their receipt and where they were at the instant asked for.
"""

from importlib import import_module
from typing import ClassVar

from django.db import migrations, models

NAMES = (
    "severity",
    "service_id",
    "impact_from",
    "impact_until",
    "impact_precision",
    "detected_at",
    "acknowledged_at",
    "resolved_at",
    "identified_at",
    "mitigated_at",
    "closed_at",
    "times_checked_at",
)
FURTHER = ("type", "detected_by", "suggested_layer")
OWNED = "CASE WHEN {row}.chain ? 'accountable' THEN jsonb_typeof({row}.chain -> 'accountable') = 'object' END"

KEEP_VERSION = """
CREATE OR REPLACE FUNCTION seamline_keep_incident_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    since timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' AND ({new}) IS NOT DISTINCT FROM ({old}) THEN
        RETURN NULL;
    END IF;
    DELETE FROM incidents_incidentversion
        WHERE incident_id = NEW.id AND superseded_at IS NULL AND known_from >= now() RETURNING known_from INTO since;
    since = coalesce(since, now());
    UPDATE incidents_incidentversion SET superseded_at = since
        WHERE incident_id = NEW.id AND superseded_at IS NULL;
    INSERT INTO incidents_incidentversion (incident_id, {columns}, known_from) VALUES (NEW.id, {new}, since);
    RETURN NULL;
END $$;
"""
KEPT_BEFORE = """
CREATE OR REPLACE FUNCTION seamline_keep_incident_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND ({new}) IS NOT DISTINCT FROM ({old}) THEN
        RETURN NULL;
    END IF;
    DELETE FROM incidents_incidentversion
        WHERE incident_id = NEW.id AND superseded_at IS NULL AND known_from = now();
    UPDATE incidents_incidentversion SET superseded_at = now()
        WHERE incident_id = NEW.id AND superseded_at IS NULL;
    INSERT INTO incidents_incidentversion (incident_id, {columns}, known_from) VALUES (NEW.id, {new}, now());
    RETURN NULL;
END $$;
"""


def keep_version(text, names, *more):
    """The trigger's function over these columns and those reckoned from the row, a pair of name and expression each."""
    new, old = (
        ", ".join([*(f"{row}.{name}" for name in names), *(said.format(row=row) for _, said in more)])
        for row in ("NEW", "OLD")
    )
    return text.format(new=new, old=old, columns=", ".join([*names, *(name for name, _ in more)]))


# What was said before has no versions; what is said now is the best that is known of them.
FILL = f"""
UPDATE incidents_incidentversion v SET {", ".join(f"{name} = i.{name}" for name in FURTHER)},
    owned = {OWNED.format(row="i")}
FROM incidents_incident i WHERE i.id = v.incident_id;
"""

# Who may see it is asked as of now, whatever the instant.
INCIDENTS = """
CREATE OR REPLACE FUNCTION seamline_pattern_incidents(asked timestamptz) RETURNS SETOF incidents_patternincident
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT i.id, v.detected_at, v.severity, v.type, v.detected_by, i.private,
        NOT (
            EXISTS (SELECT FROM incidents_incidentmerge m WHERE m.merged_id = i.id AND m.at <= asked
                AND (m.ended_at IS NULL OR m.ended_at > asked))
            OR (
                EXISTS (SELECT FROM incidents_alert a WHERE a.incident_id = i.id AND a.received_at <= asked
                    AND NOT EXISTS (SELECT FROM incidents_alertmove m WHERE m.alert_id = a.id AND m.at > asked))
                OR EXISTS (SELECT FROM incidents_alertmove m WHERE m.came_from_id = i.id AND m.at > asked
                    AND NOT EXISTS (SELECT FROM incidents_alertmove e WHERE e.alert_id = m.alert_id AND e.at > asked
                        AND e.id < m.id)
                    AND EXISTS (SELECT FROM incidents_alert a WHERE a.id = m.alert_id AND a.received_at <= asked))
            )
            AND NOT EXISTS (SELECT FROM incidents_alert a WHERE a.incident_id = i.id AND a.received_at <= asked
                AND NOT a.is_test AND (a.dismissed_at IS NULL OR a.dismissed_at > asked)
                AND NOT EXISTS (SELECT FROM incidents_alertmove m WHERE m.alert_id = a.id AND m.at > asked))
            AND NOT EXISTS (SELECT FROM incidents_alertmove m WHERE m.came_from_id = i.id AND m.at > asked
                AND NOT EXISTS (SELECT FROM incidents_alertmove e WHERE e.alert_id = m.alert_id AND e.at > asked
                    AND e.id < m.id)
                AND EXISTS (SELECT FROM incidents_alert a WHERE a.id = m.alert_id AND a.received_at <= asked
                    AND NOT a.is_test AND (a.dismissed_at IS NULL OR a.dismissed_at > asked)))
        ),
        v.impact_from, v.impact_until, v.impact_precision, v.acknowledged_at, v.identified_at, v.mitigated_at,
        v.resolved_at, e.share_from, e.share_until, coalesce(e.monitors_green, 'unknown'), v.owned,
        CASE WHEN i.first_blamed_at <= asked THEN i.first_blame ELSE '' END, v.suggested_layer,
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

# For each table: the column with the incident's number, and what of a changed row the functions read.
READ = {
    "incident": (
        "id",
        "id type detected_by private first_blame first_blamed_at suggested_layer chain severity service_id impact_from"
        " impact_until impact_precision detected_at acknowledged_at identified_at mitigated_at resolved_at",
    ),
    "finding": ("incident_id", "incident_id id superseded_at"),
    "impactfacts": ("incident_id", "incident_id id superseded_at"),
    "incidentmerge": ("merged_id", "merged_id id ended_at"),
}


def changed(table):
    """What refreshes the incidents whose rows changed. Rows are subtracted, not joined: a plan that was made for a few
    would be kept for thousands, and compare each with each."""
    number, columns = READ[table]
    listed = columns.replace(" ", ", ")
    return f"""
CREATE OR REPLACE FUNCTION seamline_pattern_{table}_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(DISTINCT {number} ORDER BY {number}) INTO ids FROM (
        SELECT {listed} FROM fresh EXCEPT ALL SELECT {listed} FROM stale
    ) changed;
    IF ids IS NOT NULL THEN
        PERFORM seamline_pattern_refresh(ids);
    END IF;
    RETURN NULL;
END $$;
"""


# Alerts come and change by the thousand and hardly ever change what is counted: an incident is left out when none of its
# alerts is real. So an update costs a comparison for each row, and a batch that joins a look at its few incidents.
ALERTS = """
CREATE OR REPLACE FUNCTION seamline_pattern_alert_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(incident_id ORDER BY incident_id) INTO ids FROM (
        SELECT incident_id, bool_or(is_test OR dismissed_at IS NOT NULL) AS unreal FROM fresh
        WHERE incident_id IS NOT NULL GROUP BY incident_id
    ) joined
    WHERE unreal OR EXISTS (
        SELECT FROM incidents_patternincident p WHERE p.incident_id = joined.incident_id AND NOT p.counted);
    IF ids IS NOT NULL THEN
        PERFORM seamline_pattern_refresh(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION seamline_pattern_alert_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(DISTINCT p.incident_id ORDER BY p.incident_id) INTO ids FROM incidents_patternincident p
    WHERE p.incident_id IN (OLD.incident_id, NEW.incident_id) AND p.counted <> NOT (
        EXISTS (SELECT FROM incidents_incidentmerge m WHERE m.merged_id = p.incident_id AND m.ended_at IS NULL)
        OR EXISTS (SELECT FROM incidents_alert a WHERE a.incident_id = p.incident_id)
        AND NOT EXISTS (SELECT FROM incidents_alert a WHERE a.incident_id = p.incident_id AND NOT a.is_test
            AND a.dismissed_at IS NULL));
    IF ids IS NOT NULL THEN
        PERFORM seamline_pattern_refresh(ids);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER zz_patterns_changed ON incidents_alert;
DROP FUNCTION seamline_pattern_alert_changed();
CREATE TRIGGER zz_patterns_moved AFTER UPDATE ON incidents_alert FOR EACH ROW
    WHEN ((OLD.incident_id, OLD.is_test, OLD.dismissed_at) IS DISTINCT FROM (NEW.incident_id, NEW.is_test, NEW.dismissed_at))
    EXECUTE FUNCTION seamline_pattern_alert_moved();
"""

# Nothing of ours is ever deleted but by hand; then it is not counted either.
DELETED = """
CREATE FUNCTION seamline_pattern_incident_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM incidents_patternincident WHERE incident_id IN (SELECT id FROM stale);
    DELETE FROM incidents_patternfinding WHERE incident_id IN (SELECT id FROM stale);
    RETURN NULL;
END $$;
CREATE TRIGGER zz_patterns_deleted AFTER DELETE ON incidents_incident REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION seamline_pattern_incident_deleted();
"""
DELETED_BACK = """
DROP TRIGGER zz_patterns_deleted ON incidents_incident;
DROP FUNCTION seamline_pattern_incident_deleted();
"""
REWRITE = """
DELETE FROM incidents_patternfinding;
DELETE FROM incidents_patternincident;
INSERT INTO incidents_patternincident SELECT * FROM seamline_pattern_incidents('infinity');
INSERT INTO incidents_patternfinding SELECT * FROM seamline_pattern_findings('infinity');
"""
FIRST = import_module("incidents.migrations.0041_pattern_triggers")


def replaced(text):
    """The same for what is there already."""
    return text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
        "CREATE TRIGGER", "CREATE OR REPLACE TRIGGER"
    )


ALERTS_BACK = """
DROP TRIGGER zz_patterns_moved ON incidents_alert;
DROP FUNCTION seamline_pattern_alert_moved();
""" + replaced(FIRST.triggers("alert"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0042_pattern_incident_over")]
    operations: ClassVar = [
        *(
            migrations.AddField(
                "incidentversion", name, models.CharField(max_length=length, blank=True, default="", db_default="")
            )
            for name, length in (("type", 13), ("detected_by", 14), ("suggested_layer", 11))
        ),
        migrations.AddField(
            "incidentversion",
            "owned",
            models.BooleanField(null=True, help_text="Somebody was accountable when it opened; empty: not recorded."),
        ),
        migrations.RunSQL(
            keep_version(KEEP_VERSION, (*NAMES, *FURTHER), ("owned", OWNED)) + FILL, keep_version(KEPT_BEFORE, NAMES)
        ),
        migrations.RunSQL(INCIDENTS, replaced(FIRST.INCIDENTS)),
        *(migrations.RunSQL(changed(table), migrations.RunSQL.noop) for table in READ),
        migrations.RunSQL(ALERTS, ALERTS_BACK),
        migrations.RunSQL(DELETED, DELETED_BACK),
        migrations.RunSQL(REWRITE, REWRITE),
    ]
