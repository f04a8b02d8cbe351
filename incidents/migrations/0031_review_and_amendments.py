"""States of a review, its reviewers, and amendments of what is published."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# A postmortem published before this whose actions are all settled is closed.
CLOSED = """
UPDATE incidents_postmortem AS postmortem SET closed_at = GREATEST(postmortem.published_at, (
    SELECT max(COALESCE(verified_at, declined_at)) FROM incidents_action WHERE postmortem_id = postmortem.id))
WHERE published_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM incidents_action WHERE postmortem_id = postmortem.id AND verified_at IS NULL AND declined_at IS NULL);
"""

# Published text changes only into what a kept revision of an amendment says, one revision at a time.
FROZEN = """
CREATE OR REPLACE FUNCTION seamline_published_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves CONSTANT text[] := ARRAY['text', 'revision', 'saved_at', 'saved_by_id', 'words'];
BEGIN
    IF NOT EXISTS (
        SELECT FROM incidents_postmortem
        WHERE id IN (OLD.postmortem_id, NEW.postmortem_id) AND published_at IS NOT NULL
    ) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.revision = OLD.revision + 1 AND to_jsonb(NEW) - moves = to_jsonb(OLD) - moves
        AND EXISTS (
            SELECT FROM incidents_sectionrevision AS revised
            JOIN incidents_amendment AS amendment ON amendment.id = revised.amendment_id
            WHERE revised.section_id = NEW.id AND revised.revision = NEW.revision AND revised.text = NEW.text
            AND amendment.postmortem_id = NEW.postmortem_id
        ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'section_frozen_once_published',
        MESSAGE = 'published text is frozen';
END $$;
DROP TRIGGER section_frozen_once_published ON incidents_section;
CREATE TRIGGER section_frozen_once_published BEFORE INSERT OR UPDATE OR DELETE ON incidents_section
    FOR EACH ROW EXECUTE FUNCTION seamline_published_frozen();

CREATE FUNCTION seamline_revision_amends() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here record;
BEGIN
    SELECT section.revision, section.postmortem_id, postmortem.published_at INTO here
    FROM incidents_section AS section JOIN incidents_postmortem AS postmortem ON postmortem.id = section.postmortem_id
    WHERE section.id = NEW.section_id;
    IF here.published_at IS NULL AND NEW.amendment_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF here.published_at IS NOT NULL AND NEW.revision = here.revision + 1 AND EXISTS (
        SELECT FROM incidents_amendment WHERE id = NEW.amendment_id AND postmortem_id = here.postmortem_id
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'section_revision_amends',
        MESSAGE = 'after publishing a revision is part of an amendment, before it never is';
END $$;
CREATE TRIGGER section_revision_amends BEFORE INSERT ON incidents_sectionrevision
    FOR EACH ROW EXECUTE FUNCTION seamline_revision_amends();

CREATE FUNCTION seamline_amends_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM incidents_postmortem WHERE id = NEW.postmortem_id AND published_at IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'amendment_once_published',
        MESSAGE = 'only what is published is amended';
END $$;
CREATE TRIGGER amendment_once_published BEFORE INSERT ON incidents_amendment
    FOR EACH ROW EXECUTE FUNCTION seamline_amends_published();
CREATE TRIGGER amendment_append_only BEFORE UPDATE OR DELETE ON incidents_amendment
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('amendment_append_only');

CREATE FUNCTION seamline_postmortem_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves CONSTANT text[] := ARRAY['closed_at', 'words'];
BEGIN
    IF OLD.published_at IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - moves = to_jsonb(OLD) - moves THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'postmortem_frozen_once_published',
        MESSAGE = 'a published postmortem is closed and opened again, never changed';
END $$;
CREATE TRIGGER postmortem_frozen_once_published BEFORE UPDATE OR DELETE ON incidents_postmortem
    FOR EACH ROW EXECUTE FUNCTION seamline_postmortem_frozen();
"""
FROZEN_BACK = """
DROP TRIGGER postmortem_frozen_once_published ON incidents_postmortem;
DROP FUNCTION seamline_postmortem_frozen();
DROP TRIGGER amendment_append_only ON incidents_amendment;
DROP TRIGGER amendment_once_published ON incidents_amendment;
DROP FUNCTION seamline_amends_published();
DROP TRIGGER section_revision_amends ON incidents_sectionrevision;
DROP FUNCTION seamline_revision_amends();
CREATE OR REPLACE FUNCTION seamline_published_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM incidents_postmortem WHERE id = OLD.postmortem_id AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'section_frozen_once_published',
            MESSAGE = 'published text is frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
DROP TRIGGER section_frozen_once_published ON incidents_section;
CREATE TRIGGER section_frozen_once_published BEFORE UPDATE OR DELETE ON incidents_section
    FOR EACH ROW EXECUTE FUNCTION seamline_published_frozen();
"""

# Who wrote it does not review it; and what reviewers said stays once it is published.
REVIEWERS = """
CREATE FUNCTION seamline_reviewer_not_author() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM incidents_postmortem WHERE id = NEW.postmortem_id AND author_id = NEW.person_id) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'reviewer_not_author',
            MESSAGE = 'nobody reviews their own postmortem';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reviewer_not_author BEFORE INSERT OR UPDATE ON incidents_reviewer
    FOR EACH ROW EXECUTE FUNCTION seamline_reviewer_not_author();

CREATE FUNCTION seamline_reviewer_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM incidents_postmortem
        WHERE id IN (OLD.postmortem_id, NEW.postmortem_id) AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'reviewer_frozen_once_published',
            MESSAGE = 'what reviewers said stays once it is published';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER reviewer_frozen_once_published BEFORE INSERT OR UPDATE OR DELETE ON incidents_reviewer
    FOR EACH ROW EXECUTE FUNCTION seamline_reviewer_frozen();
"""
REVIEWERS_BACK = """
DROP TRIGGER reviewer_frozen_once_published ON incidents_reviewer;
DROP FUNCTION seamline_reviewer_frozen();
DROP TRIGGER reviewer_not_author ON incidents_reviewer;
DROP FUNCTION seamline_reviewer_not_author();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("incidents", "0030_templates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Reviewer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('waiting', models.BooleanField(default=True)),
                ('answer', models.CharField(blank=True, choices=[('approved', 'Approved'), ('changes', 'Wants changes')], max_length=8)),
                ('comment', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('seen', models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.AddField(
            model_name='postmortem',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='postmortem',
            name='facilitator',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='postmortem',
            name='review_due_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='postmortem',
            name='sent_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='postmortem',
            name='sent_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='postmortem',
            index=models.Index(fields=['author', '-started_at', '-id'], name='postmortem_by_author'),
        ),
        migrations.AddIndex(
            model_name='postmortem',
            index=models.Index(condition=models.Q(('published_at__isnull', True), ('sent_at__isnull', True)), fields=['-started_at', '-id'], name='postmortem_draft'),
        ),
        migrations.AddIndex(
            model_name='postmortem',
            index=models.Index(condition=models.Q(('published_at__isnull', True), ('sent_at__isnull', False)), fields=['-started_at', '-id'], name='postmortem_in_review'),
        ),
        migrations.AddIndex(
            model_name='postmortem',
            index=models.Index(condition=models.Q(('published_at__isnull', False)), fields=['-started_at', '-id'], name='postmortem_published'),
        ),
        migrations.AddIndex(
            model_name='postmortem',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['-started_at', '-id'], name='postmortem_closed'),
        ),
        migrations.AddConstraint(
            model_name='postmortem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', True), ('sent_by__isnull', True)), models.Q(('sent_at__isnull', False), ('sent_by__isnull', False)), _connector='OR'), name='postmortem_sent_pair'),
        ),
        migrations.AddConstraint(
            model_name='postmortem',
            constraint=models.CheckConstraint(condition=models.Q(('review_due_on__isnull', True), ('sent_at__isnull', False), _connector='OR'), name='postmortem_due_once_sent'),
        ),
        migrations.AddConstraint(
            model_name='postmortem',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), ('published_at__isnull', False), _connector='OR'), name='postmortem_closed_once_published'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='amendment',
            name='postmortem',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='incidents.postmortem'),
        ),
        migrations.AddField(
            model_name='sectionrevision',
            name='amendment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='incidents.amendment'),
        ),
        migrations.AddField(
            model_name='reviewer',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewer',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewer',
            name='postmortem',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviewers', to='incidents.postmortem'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='amendment_reason_given'),
        ),
        migrations.AddIndex(
            model_name='reviewer',
            index=models.Index(condition=models.Q(('waiting', True)), fields=['person', 'postmortem'], name='reviewer_waiting'),
        ),
        migrations.AddConstraint(
            model_name='reviewer',
            constraint=models.UniqueConstraint(fields=('postmortem', 'person'), name='reviewer_once'),
        ),
        migrations.AddConstraint(
            model_name='reviewer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('waiting', True)), models.Q(('answer__in', ['approved', 'changes']), ('answered_at__isnull', False)), _connector='OR'), name='reviewer_answer_pair'),
        ),
        migrations.AddConstraint(
            model_name='reviewer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'changes'), _negated=True), models.Q(('comment', ''), _negated=True), _connector='OR'), name='reviewer_says_what_to_change'),
        ),
        migrations.RunSQL(CLOSED, migrations.RunSQL.noop),
        migrations.RunSQL(FROZEN, FROZEN_BACK),
        migrations.RunSQL(REVIEWERS, REVIEWERS_BACK),
    ]
