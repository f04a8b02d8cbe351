"""What webhooks are told of incidents."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


# What webhooks are told is written in the transaction in which it happens, whatever statement does it, and only while
# some webhook listens: otherwise it costs one look at an empty index. The state is that of the incident at that moment.
EVENTS = """
CREATE FUNCTION seamline_incident_state(incident jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(key, value) FROM jsonb_each(incident) WHERE key = ANY(ARRAY[
        'title', 'severity', 'service_id', 'ball_id', 'private', 'detected_at', 'opened_at', 'acknowledged_at',
        'mitigated_at', 'resolved_at', 'closed_at', 'merged_into_id'
    ])
$$;
CREATE FUNCTION seamline_incident_opened_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ownership_webhook WHERE is_on) THEN
        INSERT INTO incidents_incidentevent (event_id, incident_id, kind, at, recorded_at, by, text, why, state)
        SELECT gen_random_uuid(), one.id, 'opened', one.detected_at, one.opened_at, one.declared_by_id, one.title, '',
            seamline_incident_state(to_jsonb(incident))
        FROM new_rows AS one JOIN incidents_incident AS incident ON incident.id = one.id
        ORDER BY one.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER incident_opened_is_told AFTER INSERT ON incidents_incident
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION seamline_incident_opened_event();

CREATE FUNCTION seamline_timeline_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ownership_webhook WHERE is_on) THEN
        INSERT INTO incidents_incidentevent (event_id, incident_id, kind, at, recorded_at, by, text, why, state)
        SELECT gen_random_uuid(), one.incident_id, one.kind, one.at, one.recorded_at, one.by_id, one.text, one.why,
            seamline_incident_state(to_jsonb(incident))
        FROM new_rows AS one JOIN incidents_incident AS incident ON incident.id = one.incident_id
        WHERE one.kind = ANY(ARRAY[
            'acknowledged', 'severity', 'service', 'mitigated', 'resolved', 'reopened', 'closed', 'handed_off',
            'merged', 'escalated', 'note'
        ])
        ORDER BY one.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER timeline_is_told AFTER INSERT ON incidents_timelinerow
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION seamline_timeline_event();
"""
EVENTS_BACK = """
DROP TRIGGER timeline_is_told ON incidents_timelinerow;
DROP FUNCTION seamline_timeline_event();
DROP TRIGGER incident_opened_is_told ON incidents_incident;
DROP FUNCTION seamline_incident_opened_event();
DROP FUNCTION seamline_incident_state(jsonb);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0016_leaner_alert_indexes'),
        ('ownership', '0010_webhooks'),
    ]

    operations = [
        migrations.CreateModel(
            name='IncidentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.UUIDField(default=uuid.uuid4)),
                ('kind', models.CharField(help_text='`opened`, or the kind of the timeline row.', max_length=14)),
                ('at', models.DateTimeField(help_text='When it happened.')),
                ('recorded_at', models.DateTimeField()),
                ('by', models.BigIntegerField(help_text="The person's id.", null=True)),
                ('text', models.TextField(blank=True)),
                ('why', models.TextField(blank=True)),
                ('state', models.JSONField(help_text='Columns of the incident as they stood then.')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='incidents.incident')),
            ],
        ),
        migrations.RunSQL(EVENTS, EVENTS_BACK),
    ]
