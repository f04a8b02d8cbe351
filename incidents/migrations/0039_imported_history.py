"""Rows of imported history, files that wait, doubted times; what is imported is written without telling anybody."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# Rounds of the ladder and what webhooks hear are begun by triggers, whatever statement writes an incident. The import
# of what is long over says so for its transaction (incidents/history/importing.py), and then they keep still.
TELLING = {
    "incident_begins_escalation": ("INSERT", "NEW TABLE AS new_rows", "seamline_escalation_begins"),
    "incident_goes_on_escalating": (
        "UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows", "seamline_escalation_goes_on",
    ),
    "incident_opened_is_told": ("INSERT", "NEW TABLE AS new_rows", "seamline_incident_opened_event"),
}


def triggers(condition):
    """The three triggers, asking a condition first."""
    return "".join(
        f"""
CREATE OR REPLACE TRIGGER {name} AFTER {event} ON incidents_incident REFERENCING {tables}
    FOR EACH STATEMENT {condition} EXECUTE FUNCTION {function}();
"""
        for name, (event, tables, function) in TELLING.items()
    )


LOUD = "WHEN (current_setting('seamline.importing', true) IS DISTINCT FROM 'on')"


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0038_reports_of_incidents'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='incident',
            name='declared_via',
            field=models.CharField(choices=[('alert', 'An alert'), ('hand', 'By hand'), ('api', 'The API'), ('file', 'A file of past incidents')], max_length=5),
        ),
        migrations.AlterField(
            model_name='timelinerow',
            name='kind',
            field=models.CharField(choices=[('declared', 'Declared'), ('impact', 'Impact'), ('alert_firing', 'Alert firing'), ('alert_resolved', 'Alert resolved'), ('flapping', 'Flapping'), ('alert_moved', 'Alert moved'), ('still_firing', 'Still firing'), ('routed', 'Routed'), ('first_blame', 'First blame'), ('acknowledged', 'Acknowledged'), ('note', 'Note'), ('fact', 'Fact'), ('taken_back', 'Taken back'), ('severity', 'Severity'), ('service', 'Service'), ('finding', 'Finding'), ('mitigated', 'Mitigated'), ('resolved', 'Resolved'), ('reopened', 'Reopened'), ('closed', 'Closed'), ('type', 'Type'), ('times', 'Times'), ('facts', 'Impact facts'), ('handed_off', 'Handed off'), ('postmortem', 'Postmortem'), ('people', 'People'), ('privacy', 'Privacy'), ('merged', 'Merged'), ('split', 'Split'), ('linked', 'Linked'), ('quoted', 'Quoted'), ('escalated', 'Escalated'), ('imported', 'Imported')], max_length=14),
        ),
        migrations.CreateModel(
            name='HistoryUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True, help_text='From then on the row may be removed.')),
                ('file', models.CharField(max_length=200)),
                ('sha256', models.CharField(help_text='Of `content`.', max_length=64)),
                ('content', models.BinaryField(help_text='The file as it was sent; empty once imported.', null=True)),
                ('mapping', models.TextField()),
                ('report', models.JSONField(default=dict)),
                ('checked_at', models.DateTimeField(help_text='When the report was made.', null=True)),
                ('imported_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='DoubtedTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(help_text="The incident's column, such as resolved_at.", max_length=15)),
                ('at', models.DateTimeField(help_text='What the incident has there; empty where it was left out.', null=True)),
                ('told', models.CharField(help_text='What the file says.', max_length=60)),
                ('reason', models.CharField(max_length=200)),
                ('known_from', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('incident', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='doubts', to='incidents.incident')),
            ],
            options={
                'indexes': [models.Index(fields=['incident', 'known_from'], name='doubted_time_history')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('incident', 'field'), name='doubted_time_once')],
            },
        ),
        migrations.CreateModel(
            name='HistoryRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('collection', models.CharField(help_text="The mapping's name for where its rows come from.", max_length=60)),
                ('key', models.CharField(help_text='What identifies the row there.', max_length=300)),
                ('digest', models.CharField(help_text='Of `wrote`: the same again changes nothing.', max_length=64)),
                ('wrote', models.JSONField()),
                ('findings', models.JSONField(default=list, help_text='Numbers of the findings that it brought.')),
                ('actions', models.JSONField(default=list, help_text='Numbers of the actions that it brought.')),
                ('file', models.CharField(max_length=200)),
                ('line', models.IntegerField()),
                ('url', models.CharField(blank=True, help_text='Where it is told, as the file says.', max_length=500)),
                ('imported_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(help_text='When a file last changed it.')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('collection', 'key'), name='history_row_once')],
            },
        ),
        migrations.RunSQL(triggers(LOUD), triggers("")),
    ]
