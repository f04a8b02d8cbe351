"""Evidence as links, modes that are merged, verdicts on suggested layers, proposals that were declined."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


# A verdict is superseded by the next one; what was done to a mode stays on record.
KEPT = """
CREATE TRIGGER verdict_superseded_only BEFORE UPDATE OR DELETE ON incidents_suggestionverdict
    FOR EACH ROW EXECUTE FUNCTION seamline_superseded_only('verdict_superseded_only');
CREATE TRIGGER mode_change_append_only BEFORE UPDATE OR DELETE ON incidents_modechange
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('mode_change_append_only');
"""
KEPT_BACK = """
DROP TRIGGER mode_change_append_only ON incidents_modechange;
DROP TRIGGER verdict_superseded_only ON incidents_suggestionverdict;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0034_layers_and_latency'),
        ('ownership', '0016_pauses_of_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DeclinedProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120)),
                ('said', models.TextField(help_text='What was proposed, in the words of then.')),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ModeChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('deed', models.CharField(choices=[('added', 'Added'), ('edited', 'Edited'), ('retired', 'Retired'), ('brought_back', 'Brought back'), ('merged', 'Merged'), ('separated', 'Separated again')], max_length=12)),
                ('data', models.JSONField(default=dict, help_text='{into} of a merge; {field: [before, after]} of an edit.')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SuggestionVerdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('book', models.CharField(max_length=8)),
                ('rule', models.CharField(help_text='A number, or the code of a built-in rule.', max_length=80)),
                ('version', models.PositiveIntegerField()),
                ('suggested_layer', models.CharField(choices=[('data', 'Data'), ('integration', 'Integration'), ('latency', 'Latency'), ('evaluation', 'Evaluation'), ('guardrail', 'Guardrail'), ('org', 'Org'), ('model', 'Model')], max_length=11)),
                ('verdict', models.CharField(choices=[('accepted', 'Accepted'), ('corrected', 'Corrected')], max_length=9)),
                ('layer', models.CharField(choices=[('data', 'Data'), ('integration', 'Integration'), ('latency', 'Latency'), ('evaluation', 'Evaluation'), ('guardrail', 'Guardrail'), ('org', 'Org'), ('model', 'Model')], help_text='What it was.', max_length=11)),
                ('at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='finding',
            name='finding_reviewed_has_evidence',
        ),
        migrations.AddField(
            model_name='failuremode',
            name='counts_as',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.failuremode'),
        ),
        migrations.AddField(
            model_name='failuremode',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.failuremode'),
        ),
        migrations.AddField(
            model_name='failuremode',
            name='retired_at',
            field=models.DateTimeField(blank=True, help_text='No longer offered; what was found with it is.', null=True),
        ),
        migrations.AddField(
            model_name='finding',
            name='links',
            field=models.JSONField(blank=True, default=list, help_text='[{kind, id} or {kind: url, url, label}].'),
        ),
        migrations.AddConstraint(
            model_name='failuremode',
            constraint=models.CheckConstraint(condition=models.Q(('built_in', False), models.Q(('merged_into__isnull', True), ('retired_at__isnull', True)), _connector='OR'), name='mode_built_in_stands'),
        ),
        migrations.AddConstraint(
            model_name='failuremode',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('layer', models.Func(models.F('merged_into_id'), models.Value('.'), models.Value(1), function='split_part', output_field=models.CharField())), ('layer', models.Func(models.F('counts_as_id'), models.Value('.'), models.Value(1), function='split_part', output_field=models.CharField()))), _connector='OR'), name='mode_merged_within_layer'),
        ),
        migrations.AddConstraint(
            model_name='failuremode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('counts_as__isnull', True), ('merged_into__isnull', True)), models.Q(('counts_as__isnull', False), ('merged_into__isnull', False), models.Q(('merged_into', models.F('code')), _negated=True), models.Q(('counts_as', models.F('code')), _negated=True)), _connector='OR'), name='mode_merged_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='failuremode',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), models.F('layer'), condition=models.Q(('built_in', False), ('merged_into__isnull', True), ('retired_at__isnull', True)), name='mode_name_once_among_own'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'provisional'), models.Q(('evidence', ''), _negated=True), models.Q(('links', []), _negated=True), _connector='OR'), name='finding_reviewed_has_evidence'),
        ),
        migrations.AddField(
            model_name='declinedproposal',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='declinedproposal',
            name='postmortem',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declined_proposals', to='incidents.postmortem'),
        ),
        migrations.AddField(
            model_name='modechange',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='modechange',
            name='mode',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='incidents.failuremode'),
        ),
        migrations.AddField(
            model_name='suggestionverdict',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suggestionverdict',
            name='incident',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='suggestionverdict',
            name='mode',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.failuremode'),
        ),
        migrations.AddField(
            model_name='suggestionverdict',
            name='suggested_mode',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.failuremode'),
        ),
        migrations.AddConstraint(
            model_name='declinedproposal',
            constraint=models.UniqueConstraint(fields=('postmortem', 'key'), name='declined_proposal_once'),
        ),
        migrations.AddConstraint(
            model_name='declinedproposal',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='declined_proposal_reason_given'),
        ),
        migrations.AddIndex(
            model_name='modechange',
            index=models.Index(fields=['mode', '-at', '-id'], name='mode_change_of_mode'),
        ),
        migrations.AddConstraint(
            model_name='modechange',
            constraint=models.CheckConstraint(condition=models.Q(('deed__in', ['added', 'edited', 'retired', 'brought_back', 'merged', 'separated'])), name='mode_change_known'),
        ),
        migrations.AddIndex(
            model_name='suggestionverdict',
            index=models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['book', 'rule'], name='verdict_of_rule'),
        ),
        migrations.AddIndex(
            model_name='suggestionverdict',
            index=models.Index(fields=['incident'], name='verdict_of_incident'),
        ),
        migrations.AddConstraint(
            model_name='suggestionverdict',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('incident',), name='verdict_one_current'),
        ),
        migrations.AddConstraint(
            model_name='suggestionverdict',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['accepted', 'corrected'])), name='verdict_known'),
        ),
        migrations.AddConstraint(
            model_name='suggestionverdict',
            constraint=models.CheckConstraint(condition=models.Q(('mode__isnull', True), ('layer', models.Func(models.F('mode_id'), models.Value('.'), models.Value(1), function='split_part', output_field=models.CharField())), _connector='OR'), name='verdict_layer_is_modes'),
        ),
        migrations.AddConstraint(
            model_name='suggestionverdict',
            constraint=models.CheckConstraint(condition=models.Q(('verdict', 'corrected'), ('layer', models.F('suggested_layer')), _connector='OR'), name='verdict_accepted_is_same'),
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
    ]
