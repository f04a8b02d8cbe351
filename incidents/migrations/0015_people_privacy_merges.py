"""Who takes part in an incident, private incidents, merges and links."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# What people took part in, merged or linked is ended, never changed or deleted; what a merge keeps is written once.
ENDED_ONLY = """
CREATE FUNCTION seamline_ended_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> 'ended_at' IS NULL THEN
        IF to_jsonb(NEW) ->> 'ended_at' IS NOT NULL
            AND (to_jsonb(NEW) - 'ended_at' - 'ended_by_id') = (to_jsonb(OLD) - 'ended_at' - 'ended_by_id') THEN
            RETURN NEW;
        END IF;
        IF to_jsonb(OLD) -> 'kept' = '{}'::jsonb AND (to_jsonb(NEW) - 'kept') = (to_jsonb(OLD) - 'kept') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = TG_ARGV[0],
        MESSAGE = format('%s is ended, never changed or deleted', TG_TABLE_NAME);
END $$;
CREATE TRIGGER participation_ended_only BEFORE UPDATE OR DELETE ON incidents_participation
    FOR EACH ROW EXECUTE FUNCTION seamline_ended_only('participation_ended_only');
CREATE TRIGGER merge_ended_only BEFORE UPDATE OR DELETE ON incidents_incidentmerge
    FOR EACH ROW EXECUTE FUNCTION seamline_ended_only('merge_ended_only');
CREATE TRIGGER link_ended_only BEFORE UPDATE OR DELETE ON incidents_incidentlink
    FOR EACH ROW EXECUTE FUNCTION seamline_ended_only('link_ended_only');
"""
ENDED_ONLY_BACK = """
DROP TRIGGER participation_ended_only ON incidents_participation;
DROP TRIGGER merge_ended_only ON incidents_incidentmerge;
DROP TRIGGER link_ended_only ON incidents_incidentlink;
DROP FUNCTION seamline_ended_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0014_changes'),
        ('ownership', '0008_what_a_notice_offers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IncidentLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('relates_to', 'Relates to'), ('caused_by', 'Caused by'), ('duplicate_of', 'Duplicate of'), ('split_from', 'Split from')], max_length=12)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='IncidentMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('same', 'They are one problem'), ('duplicate', 'It was recorded twice')], default='same', max_length=9)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('kept', models.JSONField(default=dict, help_text='{incident: {field: [before, after]}}, and who came along.')),
            ],
        ),
        migrations.CreateModel(
            name='Participation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('lead', 'Lead'), ('communications', 'Communications'), ('scribe', 'Scribe'), ('participant', 'Participant')], default='participant', max_length=14)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='incident',
            name='merged_into',
            field=models.ForeignKey(blank=True, help_text='Where its story goes on.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='incident',
            name='private',
            field=models.BooleanField(default=False, help_text='For its people only: see queries/visible.py.'),
        ),
        migrations.AlterField(
            model_name='timelinerow',
            name='kind',
            field=models.CharField(choices=[('declared', 'Declared'), ('impact', 'Impact'), ('alert_firing', 'Alert firing'), ('alert_resolved', 'Alert resolved'), ('flapping', 'Flapping'), ('alert_moved', 'Alert moved'), ('still_firing', 'Still firing'), ('routed', 'Routed'), ('first_blame', 'First blame'), ('acknowledged', 'Acknowledged'), ('note', 'Note'), ('fact', 'Fact'), ('taken_back', 'Taken back'), ('severity', 'Severity'), ('service', 'Service'), ('finding', 'Finding'), ('resolved', 'Resolved'), ('reopened', 'Reopened'), ('postmortem', 'Postmortem'), ('people', 'People'), ('privacy', 'Privacy'), ('merged', 'Merged'), ('split', 'Split'), ('linked', 'Linked'), ('quoted', 'Quoted'), ('escalated', 'Escalated')], max_length=14),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='incident_merged_elsewhere'),
        ),
        migrations.AddField(
            model_name='incidentlink',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incidentlink',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incidentlink',
            name='one',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='incidentlink',
            name='other',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='incidentmerge',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incidentmerge',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incidentmerge',
            name='into',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='incidentmerge',
            name='merged',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='alertmove',
            name='merge',
            field=models.ForeignKey(blank=True, help_text='The merge that it came along with, or that was undone.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incidentmerge'),
        ),
        migrations.AddField(
            model_name='participation',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='participation',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='participation',
            name='incident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participations', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='participation',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='incidentlink',
            constraint=models.UniqueConstraint(django.db.models.functions.comparison.Least('one', 'other'), django.db.models.functions.comparison.Greatest('one', 'other'), models.F('kind'), condition=models.Q(('ended_at__isnull', True)), name='link_once'),
        ),
        migrations.AddConstraint(
            model_name='incidentlink',
            constraint=models.CheckConstraint(condition=models.Q(('one', models.F('other')), _negated=True), name='link_goes_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='incidentlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), _connector='OR'), name='link_ended_pair'),
        ),
        migrations.AddConstraint(
            model_name='incidentlink',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['relates_to', 'caused_by', 'duplicate_of', 'split_from'])), name='link_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='incidentmerge',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('merged',), name='merge_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='incidentmerge',
            constraint=models.CheckConstraint(condition=models.Q(('merged', models.F('into')), _negated=True), name='merge_goes_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='incidentmerge',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), _connector='OR'), name='merge_ended_pair'),
        ),
        migrations.AddConstraint(
            model_name='incidentmerge',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['same', 'duplicate'])), name='merge_reason_known'),
        ),
        migrations.AddIndex(
            model_name='participation',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['person', 'incident'], name='participation_now'),
        ),
        migrations.AddConstraint(
            model_name='participation',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('role__in', ['lead', 'communications', 'scribe'])), fields=('incident', 'role'), name='participation_one_holder'),
        ),
        migrations.AddConstraint(
            model_name='participation',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('incident', 'person', 'role'), name='participation_once'),
        ),
        migrations.AddConstraint(
            model_name='participation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['lead', 'communications', 'scribe', 'participant'])), name='participation_role_known'),
        ),
        migrations.AddConstraint(
            model_name='participation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__gte', models.F('since')), ('ended_by__isnull', False)), _connector='OR'), name='participation_ended_pair'),
        ),
        migrations.RunSQL(ENDED_ONLY, ENDED_ONLY_BACK),
    ]
