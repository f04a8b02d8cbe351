"""An incident can be mitigated and closed, its times checked; impact in numbers; who had the ball when.

What was published, or went without a postmortem for a reason, before there was a closed state, is closed as of then.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# "Not known yet" is an answer of its own: the first one stays, also when a layer follows.
FIRST_BLAME = """
CREATE OR REPLACE FUNCTION seamline_first_blame_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.first_blame <> '' AND (
        NEW.first_blame, NEW.first_blamed_at, NEW.first_blamed_by_id, NEW.blame_unknown_at, NEW.blame_unknown_by_id
    ) IS DISTINCT FROM (
        OLD.first_blame, OLD.first_blamed_at, OLD.first_blamed_by_id, OLD.blame_unknown_at, OLD.blame_unknown_by_id
    ) OR OLD.blame_unknown_at IS NOT NULL AND (NEW.blame_unknown_at, NEW.blame_unknown_by_id)
        IS DISTINCT FROM (OLD.blame_unknown_at, OLD.blame_unknown_by_id) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'incident_first_blame_frozen',
            MESSAGE = 'first blame is frozen once set';
    END IF;
    RETURN NEW;
END $$;
"""
FIRST_BLAME_BACK = """
CREATE OR REPLACE FUNCTION seamline_first_blame_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.first_blame <> '' AND (NEW.first_blame, NEW.first_blamed_at, NEW.first_blamed_by_id)
        IS DISTINCT FROM (OLD.first_blame, OLD.first_blamed_at, OLD.first_blamed_by_id) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'incident_first_blame_frozen',
            MESSAGE = 'first blame is frozen once set';
    END IF;
    RETURN NEW;
END $$;
"""

# Whoever changes a time, the digest with its statements over many rows too, takes the check of the times away,
# unless the same statement brings a new one.
UNCHECKED = """
CREATE FUNCTION seamline_times_unchecked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (
        NEW.impact_from, NEW.impact_until, NEW.impact_precision, NEW.detected_at, NEW.acknowledged_at,
        NEW.identified_at, NEW.mitigated_at, NEW.resolved_at
    ) IS DISTINCT FROM (
        OLD.impact_from, OLD.impact_until, OLD.impact_precision, OLD.detected_at, OLD.acknowledged_at,
        OLD.identified_at, OLD.mitigated_at, OLD.resolved_at
    ) AND (NEW.times_checked_at, NEW.times_checked_by_id)
        IS NOT DISTINCT FROM (OLD.times_checked_at, OLD.times_checked_by_id) THEN
        NEW.times_checked_at = NULL;
        NEW.times_checked_by_id = NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_times_unchecked BEFORE UPDATE ON incidents_incident
    FOR EACH ROW WHEN (OLD.times_checked_at IS NOT NULL) EXECUTE FUNCTION seamline_times_unchecked();
"""
UNCHECKED_BACK = """
DROP TRIGGER incident_times_unchecked ON incidents_incident;
DROP FUNCTION seamline_times_unchecked();
"""

KEEP_VERSION = """
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
BEFORE = (
    "severity", "service_id", "impact_from", "impact_until", "impact_precision", "detected_at", "acknowledged_at",
    "resolved_at",
)
NOW = (*BEFORE, "identified_at", "mitigated_at", "closed_at", "times_checked_at")


def keep_version(names):
    """The trigger's function over these columns."""
    new, old = (", ".join(f"{row}.{name}" for name in names) for row in ("NEW", "OLD"))
    return KEEP_VERSION.format(new=new, old=old, columns=", ".join(names))


GUARDS = """
CREATE TRIGGER handoff_append_only BEFORE UPDATE OR DELETE ON incidents_handoff
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('handoff_append_only');
CREATE TRIGGER impact_facts_superseded_only BEFORE UPDATE OR DELETE ON incidents_impactfacts
    FOR EACH ROW EXECUTE FUNCTION seamline_superseded_only('impact_facts_superseded_only');
"""
GUARDS_BACK = """
DROP TRIGGER handoff_append_only ON incidents_handoff;
DROP TRIGGER impact_facts_superseded_only ON incidents_impactfacts;
"""

CLOSE = """
UPDATE incidents_incident AS incident
SET closed_at = GREATEST(postmortem.published_at, incident.resolved_at), closed_by_id = postmortem.published_by_id
FROM incidents_postmortem AS postmortem
WHERE postmortem.incident_id = incident.id AND postmortem.published_at IS NOT NULL AND incident.resolved_at IS NOT NULL;
UPDATE incidents_incident AS incident
SET closed_at = GREATEST(said.recorded_at, incident.resolved_at), closed_by_id = said.by_id
FROM (
    SELECT DISTINCT ON (incident_id) incident_id, recorded_at, by_id FROM incidents_timelinerow
    WHERE kind = 'postmortem' AND text = 'none' AND by_id IS NOT NULL ORDER BY incident_id, id DESC
) AS said
WHERE said.incident_id = incident.id AND incident.no_postmortem_reason <> '' AND incident.resolved_at IS NOT NULL
    AND incident.closed_at IS NULL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0020_deliveries_in_part'),
        ('ownership', '0008_what_a_notice_offers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HandOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='ImpactFacts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slice', models.CharField(blank=True, help_text='Who or what was hit: EN tickets.', max_length=200)),
                ('share_from', models.DecimalField(blank=True, decimal_places=3, help_text='Percent of the traffic, at least.', max_digits=6, null=True)),
                ('share_until', models.DecimalField(blank=True, decimal_places=3, help_text='And at most; the same when it is exact.', max_digits=6, null=True)),
                ('bad_count', models.BigIntegerField(blank=True, help_text='Answers that were wrong and went out as fine.', null=True)),
                ('tries', models.IntegerField(blank=True, help_text='How often it was tried to make it happen again.', null=True)),
                ('reproduced', models.IntegerField(blank=True, help_text='How often it did.', null=True)),
                ('prompt_version', models.CharField(blank=True, max_length=120)),
                ('model_version', models.CharField(blank=True, max_length=120)),
                ('index_version', models.CharField(blank=True, max_length=120)),
                ('monitors_green', models.CharField(choices=[('yes', 'Yes, green'), ('no', 'No, they showed it'), ('unknown', 'Not known')], default='unknown', max_length=7)),
                ('known_from', models.DateTimeField(default=django.utils.timezone.now)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='incident',
            name='blame_unknown_at',
            field=models.DateTimeField(blank=True, help_text='When the first answer was “not known yet”; stays when a layer follows.', null=True),
        ),
        migrations.AddField(
            model_name='incident',
            name='blame_unknown_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incident',
            name='closed_at',
            field=models.DateTimeField(blank=True, help_text='When its review was done, or gone without.', null=True),
        ),
        migrations.AddField(
            model_name='incident',
            name='closed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incident',
            name='identified_at',
            field=models.DateTimeField(blank=True, help_text='When the cause was known.', null=True),
        ),
        migrations.AddField(
            model_name='incident',
            name='mitigated_at',
            field=models.DateTimeField(blank=True, help_text='When users were well again.', null=True),
        ),
        migrations.AddField(
            model_name='incident',
            name='mitigated_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incident',
            name='times_checked_at',
            field=models.DateTimeField(blank=True, help_text='When a person last checked them; a trigger empties it once one changes.', null=True),
        ),
        migrations.AddField(
            model_name='incident',
            name='times_checked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incident',
            name='type',
            field=models.CharField(blank=True, choices=[('availability', 'Availability'), ('latency', 'Latency'), ('quality', 'Quality'), ('safety', 'Safety'), ('over_blocking', 'Over-blocking'), ('near_miss', 'Near miss')], db_default='', default='', help_text='Empty: not said.', max_length=13),
        ),
        migrations.AddField(
            model_name='incidentversion',
            name='closed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='incidentversion',
            name='identified_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='incidentversion',
            name='mitigated_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='incidentversion',
            name='times_checked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='incident',
            name='first_blame',
            field=models.CharField(blank=True, choices=[('data', 'Data'), ('integration', 'Integration'), ('latency', 'Latency'), ('evaluation', 'Evaluation'), ('guardrail', 'Guardrail'), ('org', 'Org'), ('model', 'Model')], help_text='Empty: not said.', max_length=11),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('closed_at__isnull', True), ('resolved_at__isnull', False)), fields=['-resolved_at', '-id'], name='incident_review_left'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('mitigated_at__isnull', False), ('mitigated_by__isnull', False)), models.Q(('mitigated_at__isnull', True), ('mitigated_by__isnull', True)), _connector='OR'), name='incident_mitigated_pair'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), _connector='OR'), name='incident_closed_pair'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('times_checked_at__isnull', False), ('times_checked_by__isnull', False)), models.Q(('times_checked_at__isnull', True), ('times_checked_by__isnull', True)), _connector='OR'), name='incident_check_pair'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('blame_unknown_at__isnull', False), ('blame_unknown_by__isnull', False)), models.Q(('blame_unknown_at__isnull', True), ('blame_unknown_by__isnull', True)), _connector='OR'), name='incident_blame_unknown_pair'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('mitigated_at__isnull', True), ('impact_from__isnull', True), ('impact_from__lte', models.F('mitigated_at')), _connector='OR'), name='incident_impact_before_mitigated'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('resolved_at__isnull', True), ('mitigated_at__isnull', True), ('mitigated_at__lte', models.F('resolved_at')), _connector='OR'), name='incident_mitigated_before_resolved'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(('resolved_at__isnull', False), ('resolved_at__lte', models.F('closed_at'))), _connector='OR'), name='incident_resolved_before_closed'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['', 'availability', 'latency', 'quality', 'safety', 'over_blocking', 'near_miss'])), name='incident_type_known'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handoff',
            name='held_by',
            field=models.ForeignKey(blank=True, help_text='Empty: nobody had it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handoff',
            name='incident',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='handoffs', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='to',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='impactfacts',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='impactfacts',
            name='incident',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='impact_facts', to='incidents.incident'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(fields=['incident', 'at', 'id'], name='handoff_order'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(('held_by__isnull', True), models.Q(('held_by', models.F('to')), _negated=True), _connector='OR'), name='handoff_goes_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='handoff_reason_given'),
        ),
        migrations.AddIndex(
            model_name='impactfacts',
            index=models.Index(fields=['incident', '-known_from', '-id'], name='impact_facts_history'),
        ),
        migrations.AddConstraint(
            model_name='impactfacts',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('incident',), name='impact_facts_one_current'),
        ),
        migrations.AddConstraint(
            model_name='impactfacts',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('share_from__isnull', True), ('share_until__isnull', True)), models.Q(('share_from__isnull', False), ('share_until__isnull', False), ('share_from__gte', 0), ('share_from__lte', models.F('share_until')), ('share_until__lte', 100)), _connector='OR'), name='impact_facts_share_fits'),
        ),
        migrations.AddConstraint(
            model_name='impactfacts',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reproduced__isnull', True), ('tries__isnull', True)), models.Q(('reproduced__isnull', False), ('tries__isnull', False), ('reproduced__gte', 0), ('reproduced__lte', models.F('tries')), ('tries__gte', 1)), _connector='OR'), name='impact_facts_tries_fit'),
        ),
        migrations.AddConstraint(
            model_name='impactfacts',
            constraint=models.CheckConstraint(condition=models.Q(('bad_count__isnull', True), ('bad_count__gte', 0), _connector='OR'), name='impact_facts_count_fits'),
        ),
        migrations.AddConstraint(
            model_name='impactfacts',
            constraint=models.CheckConstraint(condition=models.Q(('monitors_green__in', ['yes', 'no', 'unknown'])), name='impact_facts_green_known'),
        ),
        migrations.AlterField(
            model_name='timelinerow',
            name='kind',
            field=models.CharField(choices=[('declared', 'Declared'), ('impact', 'Impact'), ('alert_firing', 'Alert firing'), ('alert_resolved', 'Alert resolved'), ('flapping', 'Flapping'), ('alert_moved', 'Alert moved'), ('still_firing', 'Still firing'), ('routed', 'Routed'), ('first_blame', 'First blame'), ('acknowledged', 'Acknowledged'), ('note', 'Note'), ('fact', 'Fact'), ('taken_back', 'Taken back'), ('severity', 'Severity'), ('service', 'Service'), ('finding', 'Finding'), ('mitigated', 'Mitigated'), ('resolved', 'Resolved'), ('reopened', 'Reopened'), ('closed', 'Closed'), ('type', 'Type'), ('times', 'Times'), ('facts', 'Impact facts'), ('handed_off', 'Handed off'), ('postmortem', 'Postmortem'), ('people', 'People'), ('privacy', 'Privacy'), ('merged', 'Merged'), ('split', 'Split'), ('linked', 'Linked'), ('quoted', 'Quoted'), ('escalated', 'Escalated')], max_length=14),
        ),
        migrations.RunSQL(FIRST_BLAME, FIRST_BLAME_BACK),
        migrations.RunSQL(UNCHECKED, UNCHECKED_BACK),
        migrations.RunSQL(keep_version(NOW), keep_version(BEFORE)),
        migrations.RunSQL(GUARDS, GUARDS_BACK),
        migrations.RunSQL(CLOSE, migrations.RunSQL.noop),
    ]
