"""Changes, and which of them are suspected behind an incident; what looks for similar incidents finds an index."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


SUPERSEDED = """
CREATE FUNCTION seamline_change_superseded_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
        AND (to_jsonb(NEW) - 'superseded_at') = (to_jsonb(OLD) - 'superseded_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'change_superseded_only',
        MESSAGE = 'a change is superseded, never overwritten or deleted';
END $$;
CREATE TRIGGER change_superseded_only BEFORE UPDATE OR DELETE ON incidents_change
    FOR EACH ROW EXECUTE FUNCTION seamline_change_superseded_only();
"""
SUPERSEDED_BACK = """
DROP TRIGGER change_superseded_only ON incidents_change;
DROP FUNCTION seamline_change_superseded_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0013_timeline'),
        ('ownership', '0008_what_a_notice_offers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.UUIDField(default=uuid.uuid4, help_text='The change over all its versions.')),
                ('kind', models.CharField(choices=[('prompt', 'Prompt'), ('model_alias', 'Model alias'), ('index', 'Index'), ('schema', 'Schema'), ('guardrail', 'Guardrail'), ('config', 'Config'), ('deploy', 'Deploy'), ('data', 'Data'), ('owner', 'Owner'), ('other', 'Other')], max_length=11)),
                ('title', models.CharField(max_length=300)),
                ('description', models.TextField(blank=True)),
                ('at', models.DateTimeField(help_text='When it took effect, by whoever made it.')),
                ('named', models.CharField(blank=True, help_text='What its sender called the thing that changed.', max_length=300)),
                ('why', models.TextField(blank=True, help_text='How its place was found, or that none was.')),
                ('labels', models.JSONField(blank=True, default=dict)),
                ('before', models.CharField(blank=True, help_text='Such as the version that was.', max_length=300)),
                ('after', models.CharField(blank=True, help_text='Such as the version that is.', max_length=300)),
                ('who', models.CharField(blank=True, help_text='Who or what made it.', max_length=200)),
                ('link', models.URLField(blank=True, max_length=2000)),
                ('via', models.CharField(choices=[('hand', 'By hand'), ('api', 'The API'), ('hook', 'A source')], max_length=4)),
                ('external_key', models.CharField(blank=True, help_text='Sent twice under one key, it is one change.', max_length=300)),
                ('known_from', models.DateTimeField(default=django.utils.timezone.now)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_why', models.TextField(blank=True, help_text='Why this change never was.')),
            ],
        ),
        migrations.CreateModel(
            name='Suspect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.UUIDField(help_text='The change, over all its versions.')),
                ('at', models.DateTimeField()),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AlterField(
            model_name='incident',
            name='component',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.component'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(fields=['finding_line'], name='action_of_finding'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['component', '-detected_at'], name='incident_component_detected'),
        ),
        migrations.AddField(
            model_name='change',
            name='component',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.component'),
        ),
        migrations.AddField(
            model_name='change',
            name='delivery',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.delivery'),
        ),
        migrations.AddField(
            model_name='change',
            name='recorded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='change',
            name='service',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.service'),
        ),
        migrations.AddField(
            model_name='change',
            name='source',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.source'),
        ),
        migrations.AddField(
            model_name='suspect',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suspect',
            name='dropped_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suspect',
            name='incident',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['line', 'known_from'], name='change_versions'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('superseded_at__isnull', True), ('withdrawn_why', '')), fields=['-at', '-id'], name='change_latest'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['component', '-at', '-id'], name='change_of_component'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['service', '-at', '-id'], name='change_of_service'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['source', '-at', '-id'], name='change_of_source'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('superseded_at__isnull', True), ('withdrawn_why', '')), fields=['kind', '-at', '-id'], name='change_of_kind'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('superseded_at__isnull', True), ('withdrawn_why', ''), ('component__isnull', True), ('service__isnull', True)), fields=['-at', '-id'], name='change_unplaced'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('line',), name='change_one_current_version'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True), models.Q(('external_key', ''), _negated=True)), fields=('source', 'external_key'), name='change_key_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['prompt', 'model_alias', 'index', 'schema', 'guardrail', 'config', 'deploy', 'data', 'owner', 'other'])), name='change_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('via__in', ['hand', 'api', 'hook'])), name='change_via_known'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('component__isnull', True), ('service__isnull', True), _connector='OR'), name='change_one_place'),
        ),
        migrations.AddIndex(
            model_name='suspect',
            index=models.Index(fields=['incident', 'at'], name='suspect_of_incident'),
        ),
        migrations.AddConstraint(
            model_name='suspect',
            constraint=models.UniqueConstraint(condition=models.Q(('dropped_at__isnull', True)), fields=('incident', 'line'), name='suspect_once'),
        ),
        migrations.RunSQL(SUPERSEDED, SUPERSEDED_BACK),
    ]
