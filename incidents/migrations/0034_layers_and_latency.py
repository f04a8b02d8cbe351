"""Tagged layers, what is said of layers that were not it, latency by stage; none of it is overwritten."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What is said of a layer and what was measured is superseded; a tag ends once; no row of them goes.
KEPT = """
CREATE TRIGGER ruling_out_superseded_only BEFORE UPDATE OR DELETE ON incidents_rulingout
    FOR EACH ROW EXECUTE FUNCTION seamline_superseded_only('ruling_out_superseded_only');
CREATE TRIGGER stage_latency_superseded_only BEFORE UPDATE OR DELETE ON incidents_stagelatency
    FOR EACH ROW EXECUTE FUNCTION seamline_superseded_only('stage_latency_superseded_only');
CREATE FUNCTION seamline_layer_tag_ended_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.untagged_at IS NULL AND NEW.untagged_at IS NOT NULL
        AND (to_jsonb(NEW) - ARRAY['untagged_at', 'untagged_by_id'])
          = (to_jsonb(OLD) - ARRAY['untagged_at', 'untagged_by_id']) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'layer_tag_ended_once',
        MESSAGE = 'a tag ends once, and is never changed or deleted';
END $$;
CREATE TRIGGER layer_tag_ended_once BEFORE UPDATE OR DELETE ON incidents_layertag
    FOR EACH ROW EXECUTE FUNCTION seamline_layer_tag_ended_once();
"""
KEPT_BACK = """
DROP TRIGGER ruling_out_superseded_only ON incidents_rulingout;
DROP TRIGGER stage_latency_superseded_only ON incidents_stagelatency;
DROP TRIGGER layer_tag_ended_once ON incidents_layertag;
DROP FUNCTION seamline_layer_tag_ended_once();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0033_examples'),
        ('ownership', '0016_pauses_of_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LayerTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layer', models.CharField(choices=[('data', 'Data'), ('integration', 'Integration'), ('latency', 'Latency'), ('evaluation', 'Evaluation'), ('guardrail', 'Guardrail'), ('org', 'Org'), ('model', 'Model')], max_length=11)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('untagged_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('postmortem', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='layer_tags', to='incidents.postmortem')),
                ('untagged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('untagged_at__isnull', True)), fields=['layer', '-at'], name='layer_tag_of_layer')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('untagged_at__isnull', True)), fields=('postmortem', 'layer'), name='layer_tag_once'), models.CheckConstraint(condition=models.Q(('layer__in', ['data', 'integration', 'latency', 'evaluation', 'guardrail', 'org', 'model'])), name='layer_tag_layer_known'), models.CheckConstraint(condition=models.Q(models.Q(('untagged_at__isnull', True), ('untagged_by__isnull', True)), models.Q(('untagged_at__isnull', False), ('untagged_by__isnull', False)), _connector='OR'), name='layer_tag_ended_pair')],
            },
        ),
        migrations.CreateModel(
            name='RulingOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layer', models.CharField(choices=[('data', 'Data'), ('integration', 'Integration'), ('latency', 'Latency'), ('evaluation', 'Evaluation'), ('guardrail', 'Guardrail'), ('org', 'Org')], max_length=11)),
                ('stance', models.CharField(choices=[('not_established', 'Not established')], default='not_established', max_length=15)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('postmortem', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rulings_out', to='incidents.postmortem')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('postmortem', 'layer'), name='ruling_out_once'), models.CheckConstraint(condition=models.Q(('layer__in', ['data', 'integration', 'latency', 'evaluation', 'guardrail', 'org'])), name='ruling_out_layer_is_of_six'), models.CheckConstraint(condition=models.Q(('stance__in', ['not_established'])), name='ruling_out_stance_known')],
            },
        ),
        migrations.CreateModel(
            name='StageLatency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.UUIDField()),
                ('position', models.PositiveSmallIntegerField()),
                ('name', models.CharField(blank=True, max_length=120)),
                ('budget_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('p50_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('p95_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('p99_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('measured_from', models.DateTimeField(blank=True, null=True)),
                ('measured_until', models.DateTimeField(blank=True, null=True)),
                ('shown_by', models.CharField(blank=True, help_text='What shows it: a trace, a graph, a query.', max_length=500)),
                ('known_from', models.DateTimeField(default=django.utils.timezone.now)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('component', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.component')),
                ('dependency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.dependency')),
                ('postmortem', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stage_latencies', to='incidents.postmortem')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.service')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['postmortem', 'position'], name='stage_of_postmortem'), models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['service', 'known_from'], name='stage_of_service'), models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['component', 'known_from'], name='stage_of_component'), models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['dependency', 'known_from'], name='stage_of_seam')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('line',), name='stage_one_current_version'), models.CheckConstraint(condition=models.Q(models.Q(('component__isnull', True), ('dependency__isnull', True), ('name', ''), ('service__isnull', False)), models.Q(('component__isnull', False), ('dependency__isnull', True), ('name', ''), ('service__isnull', True)), models.Q(('component__isnull', True), ('dependency__isnull', False), ('name', ''), ('service__isnull', True)), models.Q(('component__isnull', True), ('dependency__isnull', True), ('service__isnull', True), models.Q(('name', ''), _negated=True)), _connector='OR'), name='stage_is_one_thing'), models.CheckConstraint(condition=models.Q(models.Q(('p50_ms__isnull', True), ('p95_ms__isnull', True), ('p50_ms__lte', models.F('p95_ms')), _connector='OR'), models.Q(('p95_ms__isnull', True), ('p99_ms__isnull', True), ('p95_ms__lte', models.F('p99_ms')), _connector='OR'), models.Q(('p50_ms__isnull', True), ('p99_ms__isnull', True), ('p50_ms__lte', models.F('p99_ms')), _connector='OR')), name='stage_percentiles_rise'), models.CheckConstraint(condition=models.Q(('measured_from__isnull', True), ('measured_until__isnull', True), ('measured_from__lte', models.F('measured_until')), _connector='OR'), name='stage_window_in_order'), models.CheckConstraint(condition=models.Q(('budget_ms__isnull', True), ('budget_ms__gt', 0), _connector='OR'), name='stage_budget_above_nothing')],
            },
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
    ]
