"""A round ends when its incident is merged into another one, and one begins when they are parted again."""

from typing import ClassVar

from django.db import migrations, models

ENDS = ["acknowledged", "mitigated", "resolved", "merged", "superseded", "switched_off", "exhausted"]

_ROUNDS = """
CREATE OR REPLACE FUNCTION seamline_escalation_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incidents_escalation (incident_id, round, reason, severity, acknowledged_before, rung, ended_how)
    SELECT now_is.id,
        1 + COALESCE((SELECT max(round) FROM incidents_escalation WHERE incident_id = now_is.id), 0),
        CASE WHEN was.resolved_at IS NOT NULL{reopened} THEN 'reopened'
            WHEN now_is.service_id IS DISTINCT FROM was.service_id THEN 'routed'
            ELSE 'worsened' END,
        now_is.severity, now_is.acknowledged_at, 0, ''
    FROM new_rows AS now_is JOIN old_rows AS was USING (id)
    WHERE now_is.resolved_at IS NULL{here} AND (
        was.resolved_at IS NOT NULL{reopened}
        OR (now_is.service_id IS NOT NULL AND now_is.service_id IS DISTINCT FROM was.service_id)
        OR (was.severity <> 'pending' AND now_is.severity < was.severity AND now_is.severity <> 'pending')
        OR (was.severity = 'pending' AND now_is.severity IN ('sev1', 'sev2'))
    )
    ORDER BY now_is.id;
    RETURN NULL;
END $$;
"""
ROUNDS = _ROUNDS.format(
    here=" AND now_is.merged_into_id IS NULL",
    reopened=" OR (was.merged_into_id IS NOT NULL AND now_is.acknowledged_at IS NULL)",
)
ROUNDS_BACK = _ROUNDS.format(here="", reopened="")


def ended_whole(ends: list[str]) -> models.CheckConstraint:
    """The constraint over these ends."""
    return models.CheckConstraint(
        condition=models.Q(("ended_at__isnull", True), ("ended_how", ""))
        | models.Q(("ended_at__isnull", False), ("ended_how__in", ends)),
        name="escalation_ended_whole",
    )


class Migration(migrations.Migration):
    """The ends of a round, and its beginnings."""

    dependencies: ClassVar = [("incidents", "0017_events")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="escalation",
            name="ended_how",
            field=models.CharField(
                blank=True,
                choices=[
                    ("acknowledged", "Acknowledged"),
                    ("mitigated", "Mitigated"),
                    ("resolved", "Resolved"),
                    ("merged", "Merged into another one"),
                    ("superseded", "A newer round began"),
                    ("switched_off", "Escalation is switched off"),
                    ("exhausted", "Everybody was told"),
                ],
                max_length=12,
            ),
        ),
        migrations.RemoveConstraint(model_name="escalation", name="escalation_ended_whole"),
        migrations.AddConstraint(model_name="escalation", constraint=ended_whole(ENDS)),
        migrations.RunSQL(ROUNDS, ROUNDS_BACK),
    ]
