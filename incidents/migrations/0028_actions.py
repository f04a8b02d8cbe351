"""How actions go on: priority, verification, snooze, ticket; what happened to them; whether earlier ones held."""

import datetime
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

# What happened stays; an answer is superseded. What was done before there were rows of it gets its row.
HISTORY = """
INSERT INTO incidents_actionevent (action_id, kind, at, by_id, why, evidence, ref)
    SELECT id, 'done', done_at, done_by_id, '', '', '' FROM incidents_action WHERE done_at IS NOT NULL;
CREATE TRIGGER action_event_append_only BEFORE UPDATE OR DELETE ON incidents_actionevent
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('action_event_append_only');
CREATE TRIGGER held_superseded_only BEFORE UPDATE OR DELETE ON incidents_held
    FOR EACH ROW EXECUTE FUNCTION seamline_superseded_only('held_superseded_only');
"""
HISTORY_BACK = """
DROP TRIGGER held_superseded_only ON incidents_held;
DROP TRIGGER action_event_append_only ON incidents_actionevent;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0027_postmortem_kinds'),
        ('ownership', '0016_pauses_of_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ActionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('done', 'Done'), ('undone', 'Not done after all'), ('verified', 'Verified'), ('sent_back', 'Sent back'), ('declined', 'Will not be done'), ('reopened', 'Open again'), ('snoozed', 'Snoozed'), ('woken', 'No longer snoozed'), ('given', 'Given to somebody else'), ('ticket', 'Ticket looked at')], max_length=9)),
                ('at', models.DateTimeField()),
                ('why', models.TextField(blank=True)),
                ('until', models.DateField(blank=True, help_text='Of a snooze: the day on which reminders begin again.', null=True)),
                ('evidence', models.CharField(blank=True, choices=[('link', 'A link'), ('test_run', 'A test run'), ('replayed_alert', 'An alert replayed'), ('eval_result', 'A result of an eval'), ('guardrail_test', 'A guardrail test'), ('observation', 'Seen in production')], max_length=14)),
                ('ref', models.CharField(blank=True, help_text='Where the evidence or the ticket is.', max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='Held',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('held', 'Held'), ('partly', 'Held partly'), ('not_reached', 'Not reached'), ('never_done', 'Never done'), ('unknown', 'Not known')], max_length=11)),
                ('note', models.TextField(blank=True)),
                ('known_from', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='action',
            name='action_open_by_due',
        ),
        migrations.AddField(
            model_name='action',
            name='declined_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='action',
            name='declined_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='action',
            name='priority',
            field=models.CharField(choices=[('high', 'High'), ('normal', 'Normal'), ('low', 'Low')], default='normal', max_length=6),
        ),
        migrations.AddField(
            model_name='action',
            name='snoozed_until',
            field=models.DateField(blank=True, help_text='Reminders are silent before this day.', null=True),
        ),
        migrations.AddField(
            model_name='action',
            name='ticket_checked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='action',
            name='ticket_checked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='action',
            name='ticket_state',
            field=models.CharField(blank=True, choices=[('open', 'Open'), ('in_progress', 'In progress'), ('done', 'Done'), ('closed', 'Closed')], max_length=11),
        ),
        migrations.AddField(
            model_name='action',
            name='ticket_url',
            field=models.URLField(blank=True, help_text='In another system; never fetched.', max_length=500),
        ),
        migrations.AddField(
            model_name='action',
            name='verified_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='action',
            name='verified_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='actionevent',
            name='action',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='incidents.action'),
        ),
        migrations.AddField(
            model_name='actionevent',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='action',
            name='verification',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.actionevent'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(condition=models.Q(('declined_at__isnull', True), ('done_at__isnull', True)), fields=['due_on', 'id'], name='action_open_by_due'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(django.db.models.functions.comparison.Coalesce('due_on', models.Value(datetime.date(9999, 12, 31), output_field=models.DateField())), models.F('id'), condition=models.Q(('declined_at__isnull', True), ('verified_at__isnull', True)), name='action_unsettled_by_due'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(condition=models.Q(('done_at__isnull', False), ('verified_at__isnull', True)), fields=['done_at', 'id'], name='action_waiting'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(condition=models.Q(('verified_at__isnull', False)), fields=['-verified_at', '-id'], name='action_verified'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(condition=models.Q(('declined_at__isnull', False)), fields=['-declined_at', '-id'], name='action_declined'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(fields=['kind', '-id'], name='action_of_kind'),
        ),
        migrations.AddIndex(
            model_name='action',
            index=models.Index(fields=['priority', '-id'], name='action_of_priority'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(('priority__in', ['high', 'normal', 'low'])), name='action_priority_known'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verification__isnull', True), ('verified_at__isnull', True), ('verified_by__isnull', True)), models.Q(('done_at__isnull', False), ('verification__isnull', False), ('verified_at__isnull', False), ('verified_by__isnull', False)), _connector='OR'), name='action_verified_whole'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(('verified_by__isnull', True), models.Q(models.Q(('verified_by', models.F('done_by')), _negated=True), models.Q(('owner__isnull', True), models.Q(('verified_by', models.F('owner')), _negated=True), _connector='OR')), _connector='OR'), name='action_verified_by_another'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('declined_at__isnull', True), ('declined_by__isnull', True)), models.Q(('declined_at__isnull', False), ('declined_by__isnull', False), ('done_at__isnull', True)), _connector='OR'), name='action_declined_whole'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(('snoozed_until__isnull', True), models.Q(('declined_at__isnull', True), ('done_at__isnull', True)), _connector='OR'), name='action_snoozed_while_open'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(('ticket_url', ''), ('ticket_url__regex', '^https?://[^\\s]+$'), _connector='OR'), name='action_ticket_http'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ticket_checked_at__isnull', True), ('ticket_checked_by__isnull', True), ('ticket_state', ''), ('ticket_url', '')), models.Q(models.Q(('ticket_url', ''), _negated=True), ('ticket_checked_at__isnull', False), ('ticket_checked_by__isnull', False), ('ticket_state__in', ['open', 'in_progress', 'done', 'closed'])), _connector='OR'), name='action_ticket_whole'),
        ),
        migrations.AddField(
            model_name='held',
            name='action',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held', to='incidents.action'),
        ),
        migrations.AddField(
            model_name='held',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='held',
            name='postmortem',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held', to='incidents.postmortem'),
        ),
        migrations.AddIndex(
            model_name='actionevent',
            index=models.Index(fields=['kind', 'at', 'id'], name='action_event_of_kind'),
        ),
        migrations.AddConstraint(
            model_name='actionevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['done', 'undone', 'verified', 'sent_back', 'declined', 'reopened', 'snoozed', 'woken', 'given', 'ticket'])), name='action_event_known'),
        ),
        migrations.AddConstraint(
            model_name='actionevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['verified', 'sent_back', 'declined', 'reopened', 'snoozed']), _negated=True), models.Q(('why', ''), _negated=True), _connector='OR'), name='action_event_says_why'),
        ),
        migrations.AddConstraint(
            model_name='actionevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'snoozed'), ('until__isnull', False)), models.Q(models.Q(('kind', 'snoozed'), _negated=True), ('until__isnull', True)), _connector='OR'), name='action_event_until_of_snooze'),
        ),
        migrations.AddConstraint(
            model_name='actionevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('evidence__in', ['link', 'test_run', 'replayed_alert', 'eval_result', 'guardrail_test', 'observation']), ('kind', 'verified'), models.Q(('ref', ''), _negated=True)), models.Q(models.Q(('kind', 'verified'), _negated=True), ('evidence', '')), _connector='OR'), name='action_event_evidence'),
        ),
        migrations.AddConstraint(
            model_name='held',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['held', 'partly', 'not_reached', 'never_done', 'unknown'])), name='held_answer_known'),
        ),
        migrations.AddConstraint(
            model_name='held',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('postmortem', 'action'), name='held_one_answer'),
        ),
        migrations.RunSQL(HISTORY, HISTORY_BACK),
    ]
