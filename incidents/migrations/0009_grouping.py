"""Grouping policies and their versions, moves of alerts, flapping."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# A policy may only be superseded: incidents name the version that made them.
SUPERSEDED = """
CREATE FUNCTION seamline_grouping_superseded_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
        AND (to_jsonb(NEW) - 'superseded_at') = (to_jsonb(OLD) - 'superseded_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'grouping_superseded_only',
        MESSAGE = 'a grouping policy is superseded, never changed or deleted';
END $$;
CREATE TRIGGER grouping_superseded_only BEFORE UPDATE OR DELETE ON incidents_groupingpolicy
    FOR EACH ROW EXECUTE FUNCTION seamline_grouping_superseded_only();
CREATE TRIGGER alert_move_append_only BEFORE UPDATE OR DELETE ON incidents_alertmove
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('alert_move_append_only');
"""
SUPERSEDED_BACK = """
DROP TRIGGER alert_move_append_only ON incidents_alertmove;
DROP TRIGGER grouping_superseded_only ON incidents_groupingpolicy;
DROP FUNCTION seamline_grouping_superseded_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0008_rules'),
        ('ownership', '0006_catalogue_uploads'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('problem_key', models.CharField(max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='GroupingPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('labels', models.JSONField(default=list, help_text='Names of the labels in the key, besides the service.')),
                ('window_minutes', models.PositiveIntegerField(default=30, help_text='After the last alert, others join so long.')),
                ('quiet_seconds', models.PositiveIntegerField(blank=True, help_text="Empty: the installation's.", null=True)),
                ('reopen_minutes', models.PositiveIntegerField(default=0, help_text='After it resolved by itself; 0: never.')),
                ('longest_minutes', models.PositiveIntegerField(default=1440, help_text='Older incidents take no more alerts.')),
                ('flap_times', models.PositiveIntegerField(default=4, help_text='Beginnings that are flapping; 0: nothing is.')),
                ('flap_minutes', models.PositiveIntegerField(default=60, help_text='The period that they are counted in.')),
                ('calm_minutes', models.PositiveIntegerField(default=30, help_text='Quiet after flapping before it resolves.')),
                ('known_from', models.DateTimeField(default=django.utils.timezone.now)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'grouping policies',
            },
        ),
        migrations.AddField(
            model_name='alert',
            name='flapping',
            field=models.BooleanField(default=False, help_text='It is one of a problem that comes and goes.'),
        ),
        migrations.AddField(
            model_name='alert',
            name='lately',
            field=models.PositiveIntegerField(default=1, help_text="Its problem's beginnings within the policy's period."),
        ),
        migrations.AlterField(
            model_name='timelinerow',
            name='kind',
            field=models.CharField(choices=[('declared', 'Declared'), ('impact', 'Impact'), ('alert_firing', 'Alert firing'), ('alert_resolved', 'Alert resolved'), ('flapping', 'Flapping'), ('alert_moved', 'Alert moved'), ('still_firing', 'Still firing'), ('routed', 'Routed'), ('first_blame', 'First blame'), ('acknowledged', 'Acknowledged'), ('note', 'Note'), ('severity', 'Severity'), ('service', 'Service'), ('finding', 'Finding'), ('resolved', 'Resolved'), ('reopened', 'Reopened'), ('postmortem', 'Postmortem')], max_length=14),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['service', '-received_at', '-id'], name='alert_of_service'),
        ),
        migrations.AddField(
            model_name='alertmove',
            name='alert',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='incidents.alert'),
        ),
        migrations.AddField(
            model_name='alertmove',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='alertmove',
            name='came_from',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='alertmove',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.source'),
        ),
        migrations.AddField(
            model_name='alertmove',
            name='went_to',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='groupingpolicy',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='groupingpolicy',
            name='service',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.service'),
        ),
        migrations.AddField(
            model_name='incident',
            name='policy',
            field=models.ForeignKey(blank=True, help_text='What it groups by, from its opening on; empty: the built-in policy.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.groupingpolicy'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('resolved_how', 'alerts')), fields=['grouping_key', '-resolved_at'], name='incident_may_come_back'),
        ),
        migrations.AddIndex(
            model_name='alertmove',
            index=models.Index(fields=['source', 'problem_key', '-id'], name='alert_move_of_problem'),
        ),
        migrations.AddConstraint(
            model_name='alertmove',
            constraint=models.CheckConstraint(condition=models.Q(('came_from', models.F('went_to')), _negated=True), name='alert_move_goes_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='groupingpolicy',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('service',), name='grouping_one_current', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='groupingpolicy',
            constraint=models.UniqueConstraint(fields=('service', 'version'), name='grouping_version_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='groupingpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('longest_minutes__lte', 43200), ('window_minutes__gte', 1), ('window_minutes__lte', models.F('longest_minutes'))), name='grouping_window_fits'),
        ),
        migrations.AddConstraint(
            model_name='groupingpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('reopen_minutes__lte', models.F('longest_minutes'))), name='grouping_reopen_fits'),
        ),
        migrations.AddConstraint(
            model_name='groupingpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('quiet_seconds__isnull', True), ('quiet_seconds__lte', 86400), _connector='OR'), name='grouping_quiet_fits'),
        ),
        migrations.AddConstraint(
            model_name='groupingpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('flap_times', 0), models.Q(('flap_times__gte', 2), ('flap_times__lte', 100)), _connector='OR'), name='grouping_flaps_sensible'),
        ),
        migrations.AddConstraint(
            model_name='groupingpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('calm_minutes__gte', 1), ('calm_minutes__lte', 1440), ('flap_minutes__gte', 1), ('flap_minutes__lte', 1440)), name='grouping_flap_times_fit'),
        ),
        migrations.RunSQL(SUPERSEDED, SUPERSEDED_BACK),
    ]
