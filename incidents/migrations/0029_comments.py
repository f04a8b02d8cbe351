"""Comments on the places of a postmortem, with all their versions; hints on wording that were waved away."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# An answer answers the first comment of a thread, at the same place. What a comment is about never changes, and no row
# of it goes. (Before a row is written its generated columns are not reckoned, so `words` is left out.)
KEPT = """
CREATE FUNCTION seamline_comment_answers_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM incidents_comment AS first
        WHERE first.id = NEW.answers_to_id AND first.answers_to_id IS NULL
          AND first.postmortem_id = NEW.postmortem_id AND first.anchor = NEW.anchor
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'comment_answers_first',
            MESSAGE = 'an answer answers the first comment of a thread, at the same place';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER comment_answers_first BEFORE INSERT ON incidents_comment
    FOR EACH ROW WHEN (NEW.answers_to_id IS NOT NULL) EXECUTE FUNCTION seamline_comment_answers_first();
CREATE FUNCTION seamline_comment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changing text[] := ARRAY[
        'text', 'names', 'version', 'edited_at', 'taken_back_at', 'resolved_at', 'resolved_by_id', 'words'];
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.taken_back_at IS NULL OR NEW.taken_back_at = OLD.taken_back_at)
        AND (to_jsonb(NEW) - changing) = (to_jsonb(OLD) - changing) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'comment_kept',
        MESSAGE = 'a comment is said anew or taken back, never moved or deleted';
END $$;
CREATE TRIGGER comment_kept BEFORE UPDATE OR DELETE ON incidents_comment
    FOR EACH ROW EXECUTE FUNCTION seamline_comment_kept();
CREATE TRIGGER comment_version_append_only BEFORE UPDATE OR DELETE ON incidents_commentversion
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('comment_version_append_only');
"""
KEPT_BACK = """
DROP TRIGGER comment_version_append_only ON incidents_commentversion;
DROP TRIGGER comment_kept ON incidents_comment;
DROP FUNCTION seamline_comment_kept();
DROP TRIGGER comment_answers_first ON incidents_comment;
DROP FUNCTION seamline_comment_answers_first();
"""
SEARCHED = """
ALTER TABLE incidents_comment ADD COLUMN words tsvector
    GENERATED ALWAYS AS (CASE WHEN text <> '' THEN seamline_words(text) END) STORED;
CREATE INDEX comment_words ON incidents_comment USING gin (words) WITH (gin_pending_list_limit = 256)
    WHERE words IS NOT NULL;
"""
SEARCHED_BACK = "ALTER TABLE incidents_comment DROP COLUMN words;"


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0028_actions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('anchor', models.CharField(help_text='Such as `section-summary` or `findings`.', max_length=70)),
                ('text', models.TextField(blank=True)),
                ('quote', models.CharField(blank=True, help_text='The words that it is about.', max_length=300)),
                ('on_revision', models.PositiveIntegerField(blank=True, help_text="The section's revision that was commented.", null=True)),
                ('names', models.JSONField(default=dict, help_text='Who is meant by what stands after an @.')),
                ('at', models.DateTimeField()),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('answers_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='incidents.comment')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('postmortem', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='incidents.postmortem')),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='incidents.section')),
            ],
        ),
        migrations.CreateModel(
            name='CommentVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('comment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='incidents.comment')),
            ],
        ),
        migrations.CreateModel(
            name='QuietHint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('anchor', models.CharField(max_length=70)),
                ('rule', models.CharField(max_length=40)),
                ('excerpt', models.CharField(help_text='The words, in lower case.', max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('postmortem', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='quiet_hints', to='incidents.postmortem')),
            ],
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['postmortem', 'id'], name='comment_of_postmortem'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('answers_to__isnull', True), ('resolved_at__isnull', True), ('taken_back_at__isnull', True)), fields=['postmortem'], name='comment_open'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('taken_back_at__isnull', True), models.Q(('text', ''), _negated=True)), models.Q(('taken_back_at__isnull', False), ('text', '')), _connector='OR'), name='comment_says_something'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', True), ('resolved_by__isnull', True)), models.Q(('answers_to__isnull', True), ('resolved_at__isnull', False), ('resolved_by__isnull', False)), _connector='OR'), name='comment_resolved_whole'),
        ),
        migrations.AddConstraint(
            model_name='commentversion',
            constraint=models.UniqueConstraint(fields=('comment', 'version'), name='comment_version_once'),
        ),
        migrations.AddConstraint(
            model_name='quiethint',
            constraint=models.UniqueConstraint(fields=('postmortem', 'anchor', 'rule', 'excerpt'), name='quiet_hint_once'),
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
        migrations.RunSQL(SEARCHED, SEARCHED_BACK),
    ]
