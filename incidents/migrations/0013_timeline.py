"""Versions of timeline rows, files that came with them, pins; what of them only triggers can hold."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A later version is of the same incident and kind, or takes the row back; after that there is none.
REVISIONS = """
CREATE FUNCTION seamline_timeline_revision_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM incidents_timelinerow AS first
        JOIN incidents_timelinerow AS before
          ON (before.id = first.id OR before.revises_id = first.id) AND before.version = NEW.version - 1
        WHERE first.id = NEW.revises_id AND first.revises_id IS NULL AND first.incident_id = NEW.incident_id
          AND first.kind IN ('note', 'fact') AND NEW.kind IN (first.kind, 'taken_back') AND before.kind <> 'taken_back'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'timeline_revision_fits',
            MESSAGE = 'a revision follows the version before it, of the same incident and kind';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER timeline_revision_fits BEFORE INSERT ON incidents_timelinerow
    FOR EACH ROW WHEN (NEW.revises_id IS NOT NULL) EXECUTE FUNCTION seamline_timeline_revision_fits();
"""
REVISIONS_BACK = """
DROP TRIGGER timeline_revision_fits ON incidents_timelinerow;
DROP FUNCTION seamline_timeline_revision_fits();
"""

# An attachment is removed once; a pin ends once; nothing else of them changes, and no row of them goes.
ENDED_ONCE = """
CREATE FUNCTION seamline_attachment_removed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL
        AND (to_jsonb(NEW) - ARRAY['removed_at', 'removed_by_id', 'removed_why'])
          = (to_jsonb(OLD) - ARRAY['removed_at', 'removed_by_id', 'removed_why']) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'attachment_removed_once',
        MESSAGE = 'an attachment is removed once, never changed or deleted';
END $$;
CREATE TRIGGER attachment_removed_once BEFORE UPDATE OR DELETE ON incidents_attachment
    FOR EACH ROW EXECUTE FUNCTION seamline_attachment_removed_once();
CREATE FUNCTION seamline_pin_ended_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.unpinned_at IS NULL AND NEW.unpinned_at IS NOT NULL
        AND (to_jsonb(NEW) - ARRAY['unpinned_at', 'unpinned_by_id'])
          = (to_jsonb(OLD) - ARRAY['unpinned_at', 'unpinned_by_id']) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'pin_ended_once',
        MESSAGE = 'a pin ends once, and is never changed or deleted';
END $$;
CREATE TRIGGER pin_ended_once BEFORE UPDATE OR DELETE ON incidents_pin
    FOR EACH ROW EXECUTE FUNCTION seamline_pin_ended_once();
"""
ENDED_ONCE_BACK = """
DROP TRIGGER attachment_removed_once ON incidents_attachment;
DROP FUNCTION seamline_attachment_removed_once();
DROP TRIGGER pin_ended_once ON incidents_pin;
DROP FUNCTION seamline_pin_ended_once();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0012_escalation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='As its sender called it, made harmless.', max_length=120)),
                ('media_type', models.CharField(help_text='By its contents, never by what its sender said.', max_length=40)),
                ('size', models.PositiveIntegerField(help_text='Bytes.')),
                ('digest', models.CharField(help_text='SHA-256 of its bytes.', max_length=64)),
                ('alt', models.CharField(blank=True, help_text='What a picture shows, for those who cannot see it.', max_length=300)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('removed_why', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pinned_at', models.DateTimeField()),
                ('unpinned_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='timelinerow',
            name='revises',
            field=models.ForeignKey(blank=True, db_index=False, help_text='The first version, when this is a later one.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='incidents.timelinerow'),
        ),
        migrations.AddField(
            model_name='timelinerow',
            name='version',
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name='timelinerow',
            name='kind',
            field=models.CharField(choices=[('declared', 'Declared'), ('impact', 'Impact'), ('alert_firing', 'Alert firing'), ('alert_resolved', 'Alert resolved'), ('flapping', 'Flapping'), ('alert_moved', 'Alert moved'), ('still_firing', 'Still firing'), ('routed', 'Routed'), ('first_blame', 'First blame'), ('acknowledged', 'Acknowledged'), ('note', 'Note'), ('fact', 'Fact'), ('taken_back', 'Taken back'), ('severity', 'Severity'), ('service', 'Service'), ('finding', 'Finding'), ('resolved', 'Resolved'), ('reopened', 'Reopened'), ('postmortem', 'Postmortem'), ('escalated', 'Escalated')], max_length=14),
        ),
        migrations.AlterField(
            model_name='timelinerow',
            name='why',
            field=models.TextField(blank=True, help_text='The rule behind an automatic decision; why it was taken back.'),
        ),
        migrations.AddIndex(
            model_name='timelinerow',
            index=models.Index(condition=models.Q(('kind__in', ['alert_firing', 'alert_resolved', 'flapping', 'alert_moved', 'still_firing', 'routed']), _negated=True), fields=['incident', 'at', 'id'], name='timeline_besides_alerts'),
        ),
        migrations.AddConstraint(
            model_name='timelinerow',
            constraint=models.UniqueConstraint(fields=('revises', 'version'), name='timeline_version_once'),
        ),
        migrations.AddConstraint(
            model_name='timelinerow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revises__isnull', True), ('version', 1)), models.Q(('revises__isnull', False), ('version__gt', 1)), _connector='OR'), name='timeline_first_is_one'),
        ),
        migrations.AddField(
            model_name='attachment',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='attachment',
            name='incident',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='attachment',
            name='removed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='attachment',
            name='row',
            field=models.ForeignKey(help_text='The first version of its row.', on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='incidents.timelinerow'),
        ),
        migrations.AddField(
            model_name='pin',
            name='incident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='pin',
            name='pinned_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pin',
            name='row',
            field=models.ForeignKey(help_text='Its first version.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.timelinerow'),
        ),
        migrations.AddField(
            model_name='pin',
            name='unpinned_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(fields=['incident', 'id'], name='attachment_of_incident'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('removed_at__isnull', True)), fields=['digest'], name='attachment_kept_bytes'),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', True), ('removed_by__isnull', True), ('removed_why', '')), models.Q(('removed_at__isnull', False), ('removed_by__isnull', False), models.Q(('removed_why', ''), _negated=True)), _connector='OR'), name='attachment_removed_whole'),
        ),
        migrations.AddIndex(
            model_name='pin',
            index=models.Index(condition=models.Q(('unpinned_at__isnull', True)), fields=['incident'], name='pin_current'),
        ),
        migrations.AddConstraint(
            model_name='pin',
            constraint=models.UniqueConstraint(condition=models.Q(('unpinned_at__isnull', True)), fields=('row',), name='pin_once'),
        ),
        migrations.AddConstraint(
            model_name='pin',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unpinned_at__isnull', True), ('unpinned_by__isnull', True)), models.Q(('unpinned_at__isnull', False), ('unpinned_by__isnull', False)), _connector='OR'), name='pin_ended_whole'),
        ),
        migrations.RunSQL(REVISIONS, REVISIONS_BACK),
        migrations.RunSQL(ENDED_ONCE, ENDED_ONCE_BACK),
    ]
