"""Reviews of the patterns: what was frozen stays, and an action belongs to a postmortem or to a review."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Of a review only the notes change and it closes, once; what it froze, who took part and the answers never do.
REVIEWS = """
CREATE FUNCTION seamline_pattern_review_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves CONSTANT text[] := ARRAY['notes', 'closed_at', 'closed_by_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.closed_at IS NULL AND to_jsonb(NEW) - moves = to_jsonb(OLD) - moves THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'pattern_review_frozen',
        MESSAGE = 'what a review has frozen stays as it is';
END $$;
CREATE TRIGGER pattern_review_frozen BEFORE UPDATE OR DELETE ON incidents_patternreview
    FOR EACH ROW EXECUTE FUNCTION seamline_pattern_review_frozen();
CREATE FUNCTION seamline_pattern_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = TG_ARGV[0],
        MESSAGE = 'what a review has frozen stays as it is';
END $$;
CREATE TRIGGER pattern_snapshot_frozen BEFORE UPDATE OR DELETE ON incidents_patternsnapshot
    FOR EACH ROW EXECUTE FUNCTION seamline_pattern_part_frozen('pattern_snapshot_frozen');
CREATE TRIGGER pattern_review_person_frozen BEFORE UPDATE OR DELETE ON incidents_patternreviewperson
    FOR EACH ROW EXECUTE FUNCTION seamline_pattern_part_frozen('pattern_review_person_frozen');
"""
REVIEWS_BACK = """
DROP TRIGGER pattern_review_person_frozen ON incidents_patternreviewperson;
DROP TRIGGER pattern_snapshot_frozen ON incidents_patternsnapshot;
DROP FUNCTION seamline_pattern_part_frozen();
DROP TRIGGER pattern_review_frozen ON incidents_patternreview;
DROP FUNCTION seamline_pattern_review_frozen();
"""

# As with what is published: a decision goes on after its review is closed; what it is stays, and none comes or goes.
DECISIONS = """
CREATE FUNCTION seamline_decision_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves CONSTANT text[] := ARRAY[
        'done_at', 'done_by_id', 'verified_at', 'verified_by_id', 'verification_id', 'declined_at', 'declined_by_id',
        'snoozed_until', 'ticket_url', 'ticket_state', 'ticket_checked_at', 'ticket_checked_by_id',
        'owner_id', 'owner_team_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - moves = to_jsonb(OLD) - moves OR NOT EXISTS (
        SELECT FROM incidents_patternreview
        WHERE id IN (OLD.pattern_review_id, NEW.pattern_review_id) AND closed_at IS NOT NULL
    ) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'decision_frozen_once_closed',
        MESSAGE = 'a decision of a closed review goes on; what it is stays';
END $$;
CREATE TRIGGER decision_frozen_once_closed BEFORE INSERT OR UPDATE OR DELETE ON incidents_action
    FOR EACH ROW EXECUTE FUNCTION seamline_decision_frozen();
"""
DECISIONS_BACK = """
DROP TRIGGER decision_frozen_once_closed ON incidents_action;
DROP FUNCTION seamline_decision_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0043_patterns_as_known'),
        ('ownership', '0016_pauses_of_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PatternReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('notes', models.TextField(blank=True)),
                ('held_at', models.DateTimeField(help_text='When it was frozen.')),
                ('since', models.DateTimeField(help_text='Incidents detected from here on,')),
                ('until', models.DateTimeField(help_text='until before this.')),
                ('known_at', models.DateTimeField(help_text='As known then.')),
                ('filters', models.JSONField(default=dict)),
                ('filtered', models.JSONField(default=list)),
                ('base', models.JSONField()),
                ('headlines', models.JSONField()),
                ('promised', models.JSONField(default=list)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('held_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('previous', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.patternreview')),
            ],
        ),
        migrations.CreateModel(
            name='PatternReviewPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.AlterField(
            model_name='action',
            name='postmortem',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='incidents.postmortem'),
        ),
        migrations.CreateModel(
            name='PatternSnapshot',
            fields=[
                ('review', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='snapshot', serialize=False, to='incidents.patternreview')),
                ('answers', models.JSONField()),
            ],
        ),
        migrations.AddField(
            model_name='action',
            name='pattern_review',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='incidents.patternreview'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pattern_review__isnull', True), ('postmortem__isnull', False)), models.Q(('finding_line__isnull', True), ('pattern_review__isnull', False), ('postmortem__isnull', True)), _connector='OR'), name='action_decided_in_one_place'),
        ),
        migrations.AddField(
            model_name='patternreviewperson',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='patternreviewperson',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='incidents.patternreview'),
        ),
        migrations.AddIndex(
            model_name='patternreview',
            index=models.Index(fields=['-held_at', '-id'], name='pattern_review_held'),
        ),
        migrations.AddIndex(
            model_name='patternreview',
            index=models.Index(fields=['filters', '-held_at', '-id'], name='pattern_review_filters'),
        ),
        migrations.AddConstraint(
            model_name='patternreview',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='pattern_review_has_title'),
        ),
        migrations.AddConstraint(
            model_name='patternreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='pattern_review_closed_pair'),
        ),
        migrations.AddConstraint(
            model_name='patternreviewperson',
            constraint=models.UniqueConstraint(fields=('review', 'person'), name='pattern_review_person_once'),
        ),
        migrations.RunSQL(REVIEWS, REVIEWS_BACK),
        migrations.RunSQL(DECISIONS, DECISIONS_BACK),
    ]
