"""Rounds of the ladder, their steps, and how long each rung is given."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# An incident that opens, grows worse, comes back or turns out to be another service's begins a round of its ladder in
# the same transaction, whatever statement did it: one INSERT for any number of incidents, and nothing to remember for
# whoever writes incidents.
# From pending, only SEV1 and SEV2 are worse than what one had to expect.
ROUNDS = """
CREATE FUNCTION seamline_escalation_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incidents_escalation (incident_id, round, reason, severity, rung, ended_how)
    SELECT id, 1, 'opened', severity, 0, '' FROM new_rows WHERE resolved_at IS NULL ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER incident_begins_escalation AFTER INSERT ON incidents_incident
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION seamline_escalation_begins();

CREATE FUNCTION seamline_escalation_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incidents_escalation (incident_id, round, reason, severity, acknowledged_before, rung, ended_how)
    SELECT now_is.id,
        1 + COALESCE((SELECT max(round) FROM incidents_escalation WHERE incident_id = now_is.id), 0),
        CASE WHEN was.resolved_at IS NOT NULL THEN 'reopened'
            WHEN now_is.service_id IS DISTINCT FROM was.service_id THEN 'routed'
            ELSE 'worsened' END,
        now_is.severity, now_is.acknowledged_at, 0, ''
    FROM new_rows AS now_is JOIN old_rows AS was USING (id)
    WHERE now_is.resolved_at IS NULL AND (
        was.resolved_at IS NOT NULL
        OR (now_is.service_id IS NOT NULL AND now_is.service_id IS DISTINCT FROM was.service_id)
        OR (was.severity <> 'pending' AND now_is.severity < was.severity AND now_is.severity <> 'pending')
        OR (was.severity = 'pending' AND now_is.severity IN ('sev1', 'sev2'))
    )
    ORDER BY now_is.id;
    RETURN NULL;
END $$;
CREATE TRIGGER incident_goes_on_escalating AFTER UPDATE ON incidents_incident
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION seamline_escalation_goes_on();

CREATE TRIGGER escalation_step_append_only BEFORE UPDATE OR DELETE ON incidents_escalationstep
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('escalation_step_append_only');
"""
ROUNDS_BACK = """
DROP TRIGGER escalation_step_append_only ON incidents_escalationstep;
DROP TRIGGER incident_goes_on_escalating ON incidents_incident;
DROP FUNCTION seamline_escalation_goes_on();
DROP TRIGGER incident_begins_escalation ON incidents_incident;
DROP FUNCTION seamline_escalation_begins();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0011_fewer_indexes'),
        ('ownership', '0008_what_a_notice_offers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='timelinerow',
            name='kind',
            field=models.CharField(choices=[('declared', 'Declared'), ('impact', 'Impact'), ('alert_firing', 'Alert firing'), ('alert_resolved', 'Alert resolved'), ('flapping', 'Flapping'), ('alert_moved', 'Alert moved'), ('still_firing', 'Still firing'), ('routed', 'Routed'), ('first_blame', 'First blame'), ('acknowledged', 'Acknowledged'), ('note', 'Note'), ('severity', 'Severity'), ('service', 'Service'), ('finding', 'Finding'), ('resolved', 'Resolved'), ('reopened', 'Reopened'), ('postmortem', 'Postmortem'), ('escalated', 'Escalated')], max_length=14),
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveIntegerField(help_text='1 for the opening, and counted up from there.')),
                ('reason', models.CharField(choices=[('opened', 'Opened'), ('worsened', 'Grew worse'), ('reopened', 'Open again'), ('routed', 'Service named')], max_length=8)),
                ('severity', models.CharField(help_text='As it was when this round began.', max_length=8)),
                ('acknowledged_before', models.DateTimeField(help_text='The acknowledgement that is older than it.', null=True)),
                ('rung', models.PositiveSmallIntegerField(default=0, help_text='The last rung that was told or skipped.')),
                ('waits_since', models.DateTimeField(help_text='When that rung was told; empty: not begun.', null=True)),
                ('due_at', models.DateTimeField(help_text='When the next rung is told.', null=True)),
                ('taken_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_how', models.CharField(blank=True, choices=[('acknowledged', 'Acknowledged'), ('mitigated', 'Mitigated'), ('resolved', 'Resolved'), ('superseded', 'A newer round began'), ('switched_off', 'Escalation is switched off'), ('exhausted', 'Everybody was told')], max_length=12)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='incidents.incident')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='EscalationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rung', models.PositiveSmallIntegerField(choices=[(1, 'Accountable'), (2, 'Deputy'), (3, 'Escalation'), (4, 'Admins')])),
                ('told', models.JSONField(default=list, help_text='The ids of the people told; none: the rung was skipped.')),
                ('at', models.DateTimeField()),
                ('why', models.CharField(max_length=300)),
                ('escalation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='incidents.escalation')),
            ],
        ),
        migrations.CreateModel(
            name='EscalationWait',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.CharField(blank=True, choices=[('t1', 'Tier 1: users are stopped at once'), ('t2', 'Tier 2: users are hindered'), ('t3', 'Tier 3: inconvenient'), ('t4', 'Tier 4: internal')], max_length=2)),
                ('minutes', models.PositiveIntegerField(blank=True, help_text='Empty: nobody further is told.', null=True)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.service')),
            ],
        ),
        migrations.AddIndex(
            model_name='escalation',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['due_at'], name='escalation_running'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.UniqueConstraint(fields=('incident', 'round'), name='escalation_round_once'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['opened', 'worsened', 'reopened', 'routed'])), name='escalation_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_how', '')), models.Q(('ended_at__isnull', False), ('ended_how__in', ['acknowledged', 'mitigated', 'resolved', 'superseded', 'switched_off', 'exhausted'])), _connector='OR'), name='escalation_ended_whole'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('taken_at__isnull', True), ('taken_by__isnull', True)), models.Q(('taken_at__isnull', False), ('taken_by__isnull', False)), _connector='OR'), name='escalation_taken_pair'),
        ),
        migrations.AddConstraint(
            model_name='escalationstep',
            constraint=models.UniqueConstraint(fields=('escalation', 'rung'), name='escalation_step_once'),
        ),
        migrations.AddConstraint(
            model_name='escalationstep',
            constraint=models.CheckConstraint(condition=models.Q(('rung__in', [1, 2, 3, 4])), name='escalation_rung_known'),
        ),
        migrations.AddConstraint(
            model_name='escalationwait',
            constraint=models.UniqueConstraint(condition=models.Q(('tier', ''), _negated=True), fields=('tier',), name='escalation_wait_of_tier'),
        ),
        migrations.AddConstraint(
            model_name='escalationwait',
            constraint=models.UniqueConstraint(condition=models.Q(('service__isnull', False)), fields=('service',), name='escalation_wait_of_service'),
        ),
        migrations.AddConstraint(
            model_name='escalationwait',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('service__isnull', True), ('tier__in', ['t1', 't2', 't3', 't4'])), models.Q(('service__isnull', False), ('tier', '')), _connector='OR'), name='escalation_wait_of_one'),
        ),
        migrations.AddConstraint(
            model_name='escalationwait',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__isnull', True), models.Q(('minutes__gte', 1), ('minutes__lte', 1440)), _connector='OR'), name='escalation_wait_sensible'),
        ),
        migrations.RunSQL(ROUNDS, ROUNDS_BACK),
    ]
