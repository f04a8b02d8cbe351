"""A round says whether it belongs to a comeback that nobody has taken yet; later rounds of it inherit that."""

from importlib import import_module
from typing import ClassVar

from django.db import migrations, models

ROUNDS = """
CREATE OR REPLACE FUNCTION seamline_escalation_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incidents_escalation (incident_id, round, reason, severity, comeback, rung, ended_how)
    SELECT one.id, 1 + COALESCE(latest.round, 0),
        CASE WHEN one.is_back THEN 'reopened' WHEN one.is_routed THEN 'routed' WHEN one.is_worse THEN 'worsened'
            ELSE 'reopened' END,
        one.severity, one.is_back OR COALESCE(latest.is_untaken, false), 0, ''
    FROM (
        SELECT now_is.id, now_is.severity, now_is.acknowledged_at,
            was.resolved_at IS NOT NULL AS is_back,
            was.merged_into_id IS NOT NULL AS is_parted,
            now_is.service_id IS NOT NULL AND now_is.service_id IS DISTINCT FROM was.service_id AS is_routed,
            (was.severity <> 'pending' AND now_is.severity < was.severity AND now_is.severity <> 'pending')
                OR (was.severity = 'pending' AND now_is.severity IN ('sev1', 'sev2')) AS is_worse
        FROM new_rows AS now_is JOIN old_rows AS was USING (id)
        WHERE now_is.resolved_at IS NULL AND now_is.merged_into_id IS NULL
    ) AS one
    LEFT JOIN LATERAL (
        SELECT round, comeback AND taken_at IS NULL AS is_untaken
        FROM incidents_escalation WHERE incident_id = one.id ORDER BY round DESC LIMIT 1
    ) AS latest ON true
    -- The first line needs no look at the rounds: it leaves out nearly every update.
    WHERE (one.is_back OR one.is_routed OR one.is_worse OR one.is_parted)
        AND (one.is_back OR one.is_routed OR one.is_worse OR one.acknowledged_at IS NULL OR latest.is_untaken)
    ORDER BY one.id;
    RETURN NULL;
END $$;
"""
ROUNDS_BACK = import_module("incidents.migrations.0018_rounds_of_merged").ROUNDS

# What came back before this migration and was not taken since. Of one that was acknowledged for the first time after
# it came back, its acknowledgement is the taking.
KNOWN = """
UPDATE incidents_escalation AS one SET comeback = true
FROM incidents_escalation AS back JOIN incidents_incident AS incident ON incident.id = back.incident_id
WHERE back.incident_id = one.incident_id AND back.round <= one.round AND back.reason = 'reopened'
    AND (back.acknowledged_before IS NOT NULL OR incident.acknowledged_at IS NULL)
    AND NOT EXISTS (
        SELECT FROM incidents_escalation AS taken
        WHERE taken.incident_id = one.incident_id AND taken.round >= back.round AND taken.round < one.round
            AND taken.taken_at IS NOT NULL
    );
"""


class Migration(migrations.Migration):
    """Whether a round belongs to a comeback, instead of the acknowledgement that it was compared with."""

    dependencies: ClassVar = [("incidents", "0024_findings_at_scale")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="escalation",
            name="comeback",
            field=models.BooleanField(db_default=False, help_text="It is open again, and was not taken before it."),
        ),
        migrations.RunSQL(ROUNDS, ROUNDS_BACK),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="escalation", name="acknowledged_before"),
    ]
