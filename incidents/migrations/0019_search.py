"""What the search reads of incidents, timelines, findings, changes and postmortems: a column of words each, with its index.

The columns are in no model, so that no list reads them (web/search/expressions.py). Of the timeline only what people
wrote and the names of alerts count; the other rows have no words, take no place in the index and cost the digest nothing.
An index keeps up to 256 kB of new words aside before it sorts them in: enough for the digest's batches, and little
enough to be read through by a search.
"""

from typing import ClassVar

from django.db import migrations

# The guards of findings and changes compare whole rows; before a row is written its generated columns are not reckoned.
GUARD = """
CREATE OR REPLACE FUNCTION seamline_%(name)s() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
        AND (to_jsonb(NEW) - %(besides)s) = (to_jsonb(OLD) - %(besides)s) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = '%(name)s',
        MESSAGE = '%(message)s';
END $$;
"""
GUARDED = {
    "finding_superseded_only": "a finding is superseded, never changed or deleted",
    "change_superseded_only": "a change is superseded, never overwritten or deleted",
}


def guards(besides: str) -> str:
    """The two functions, leaving these columns out of the comparison."""
    return "".join(GUARD % {"name": name, "message": message, "besides": besides} for name, message in GUARDED.items())


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

ALTER TABLE incidents_change ADD COLUMN words tsvector GENERATED ALWAYS AS (
    seamline_words(title || E'\\n' || description || E'\\n' || named)) STORED;
CREATE INDEX change_words ON incidents_change USING gin (words) WITH (gin_pending_list_limit = 256)
    WHERE superseded_at IS NULL;

ALTER TABLE incidents_postmortem ADD COLUMN words tsvector GENERATED ALWAYS AS (seamline_words(title)) STORED;
CREATE INDEX postmortem_words ON incidents_postmortem USING gin (words) WITH (gin_pending_list_limit = 256);

ALTER TABLE incidents_section ADD COLUMN words tsvector GENERATED ALWAYS AS (seamline_words(text)) STORED;
CREATE INDEX section_words ON incidents_section USING gin (words) WITH (gin_pending_list_limit = 256);
"""
BACK = """
ALTER TABLE incidents_section DROP COLUMN words;
ALTER TABLE incidents_postmortem DROP COLUMN words;
ALTER TABLE incidents_change DROP COLUMN words;
ALTER TABLE incidents_finding DROP COLUMN words;
ALTER TABLE incidents_timelinerow DROP COLUMN words;
ALTER TABLE incidents_incident DROP COLUMN words;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0018_rounds_of_merged"), ("web", "0002_search")]
    operations: ClassVar = [
        migrations.RunSQL(guards("ARRAY['superseded_at', 'words']"), guards("'superseded_at'")),
        migrations.RunSQL(FORWARD, BACK),
    ]
