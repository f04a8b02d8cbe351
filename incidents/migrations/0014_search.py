"""What the search reads of incidents, timelines, findings and postmortems: a column of words each, with its index.

The columns are in no model, so that no list reads them (web/search/expressions.py). Of the timeline only what people
wrote and the names of alerts count; the other rows have no words, take no place in the index and cost the digest nothing.
An index keeps up to 256 kB of new words aside before it sorts them in: enough for the digest's batches, and little
enough to be read through by a search.
"""

from typing import ClassVar

from django.db import migrations

# The guard of findings compares whole rows; before a row is written its generated columns are not reckoned yet.
GUARD = """
CREATE OR REPLACE FUNCTION seamline_finding_superseded_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
        AND (to_jsonb(NEW) - %(besides)s) = (to_jsonb(OLD) - %(besides)s) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'finding_superseded_only',
        MESSAGE = 'a finding is superseded, never changed or deleted';
END $$;
"""
GUARD_BESIDES_WORDS = GUARD % {"besides": "ARRAY['superseded_at', 'words']"}
GUARD_BEFORE = GUARD % {"besides": "'superseded_at'"}

FORWARD = """
ALTER TABLE incidents_incident ADD COLUMN words tsvector
    GENERATED ALWAYS AS (seamline_words(title || E'\\n' || impact)) STORED;
CREATE INDEX incident_words ON incidents_incident USING gin (words) WITH (gin_pending_list_limit = 256);

ALTER TABLE incidents_timelinerow ADD COLUMN words tsvector GENERATED ALWAYS AS (
    CASE WHEN kind = 'alert_firing' OR by_id IS NOT NULL AND kind <> 'declared' THEN seamline_words(text) END) STORED;
CREATE INDEX timeline_words ON incidents_timelinerow USING gin (words) WITH (gin_pending_list_limit = 256)
    WHERE words IS NOT NULL;

ALTER TABLE incidents_finding ADD COLUMN words tsvector GENERATED ALWAYS AS (seamline_words(evidence)) STORED;
CREATE INDEX finding_words ON incidents_finding USING gin (words) WITH (gin_pending_list_limit = 256)
    WHERE superseded_at IS NULL;

ALTER TABLE incidents_postmortem ADD COLUMN words tsvector GENERATED ALWAYS AS (seamline_words(title)) STORED;
CREATE INDEX postmortem_words ON incidents_postmortem USING gin (words) WITH (gin_pending_list_limit = 256);

ALTER TABLE incidents_section ADD COLUMN words tsvector GENERATED ALWAYS AS (seamline_words(text)) STORED;
CREATE INDEX section_words ON incidents_section USING gin (words) WITH (gin_pending_list_limit = 256);
"""
BACK = """
ALTER TABLE incidents_section DROP COLUMN words;
ALTER TABLE incidents_postmortem DROP COLUMN words;
ALTER TABLE incidents_finding DROP COLUMN words;
ALTER TABLE incidents_timelinerow DROP COLUMN words;
ALTER TABLE incidents_incident DROP COLUMN words;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0013_timeline"), ("web", "0002_search")]
    operations: ClassVar = [
        migrations.RunSQL(GUARD_BESIDES_WORDS, GUARD_BEFORE),
        migrations.RunSQL(FORWARD, BACK),
    ]
