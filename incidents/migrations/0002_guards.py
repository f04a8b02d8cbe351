"""What only triggers can hold: append-only rows, frozen first blame and published text, the incidents' past.

Each refusal carries a constraint name and SQLSTATE 23000, so that drivers raise IntegrityError and `web.errors`
can say it in words.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION seamline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = TG_ARGV[0],
        MESSAGE = format('%s is append-only', TG_TABLE_NAME);
END $$;
CREATE TRIGGER timeline_append_only BEFORE UPDATE OR DELETE ON incidents_timelinerow
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('timeline_append_only');
CREATE TRIGGER section_revision_append_only BEFORE UPDATE OR DELETE ON incidents_sectionrevision
    FOR EACH ROW EXECUTE FUNCTION seamline_append_only('section_revision_append_only');
"""
APPEND_ONLY_BACK = """
DROP TRIGGER timeline_append_only ON incidents_timelinerow;
DROP TRIGGER section_revision_append_only ON incidents_sectionrevision;
DROP FUNCTION seamline_append_only();
"""

FIRST_BLAME = """
CREATE FUNCTION seamline_first_blame_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.first_blame <> '' AND (NEW.first_blame, NEW.first_blamed_at, NEW.first_blamed_by_id)
        IS DISTINCT FROM (OLD.first_blame, OLD.first_blamed_at, OLD.first_blamed_by_id) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'incident_first_blame_frozen',
            MESSAGE = 'first blame is frozen once set';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_first_blame_frozen BEFORE UPDATE ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION seamline_first_blame_frozen();
"""
FIRST_BLAME_BACK = """
DROP TRIGGER incident_first_blame_frozen ON incidents_incident;
DROP FUNCTION seamline_first_blame_frozen();
"""

# A later correction closes the current version and opens the next; statements of one transaction share now(),
# so a version that lived for no time is overwritten rather than kept.
VERSIONS = """
CREATE FUNCTION seamline_keep_incident_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (
        NEW.severity, NEW.service_id, NEW.impact_from, NEW.impact_until, NEW.impact_precision, NEW.detected_at,
        NEW.acknowledged_at, NEW.resolved_at
    ) IS NOT DISTINCT FROM (
        OLD.severity, OLD.service_id, OLD.impact_from, OLD.impact_until, OLD.impact_precision, OLD.detected_at,
        OLD.acknowledged_at, OLD.resolved_at
    ) THEN
        RETURN NULL;
    END IF;
    DELETE FROM incidents_incidentversion
        WHERE incident_id = NEW.id AND superseded_at IS NULL AND known_from = now();
    UPDATE incidents_incidentversion SET superseded_at = now()
        WHERE incident_id = NEW.id AND superseded_at IS NULL;
    INSERT INTO incidents_incidentversion (
        incident_id, severity, service_id, impact_from, impact_until, impact_precision, detected_at,
        acknowledged_at, resolved_at, known_from
    ) VALUES (
        NEW.id, NEW.severity, NEW.service_id, NEW.impact_from, NEW.impact_until, NEW.impact_precision,
        NEW.detected_at, NEW.acknowledged_at, NEW.resolved_at, now()
    );
    RETURN NULL;
END $$;
CREATE TRIGGER incident_keeps_versions AFTER INSERT OR UPDATE ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION seamline_keep_incident_version();
"""
VERSIONS_BACK = """
DROP TRIGGER incident_keeps_versions ON incidents_incident;
DROP FUNCTION seamline_keep_incident_version();
"""

# A finding may only be superseded; what it said stays.
FINDINGS = """
CREATE FUNCTION seamline_finding_superseded_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
        AND (to_jsonb(NEW) - 'superseded_at') = (to_jsonb(OLD) - 'superseded_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'finding_superseded_only',
        MESSAGE = 'a finding is superseded, never changed or deleted';
END $$;
CREATE TRIGGER finding_superseded_only BEFORE UPDATE OR DELETE ON incidents_finding
    FOR EACH ROW EXECUTE FUNCTION seamline_finding_superseded_only();
"""
FINDINGS_BACK = """
DROP TRIGGER finding_superseded_only ON incidents_finding;
DROP FUNCTION seamline_finding_superseded_only();
"""

PUBLISHED = """
CREATE FUNCTION seamline_published_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM incidents_postmortem WHERE id = OLD.postmortem_id AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'section_frozen_once_published',
            MESSAGE = 'published text is frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER section_frozen_once_published BEFORE UPDATE OR DELETE ON incidents_section
    FOR EACH ROW EXECUTE FUNCTION seamline_published_frozen();
"""
PUBLISHED_BACK = """
DROP TRIGGER section_frozen_once_published ON incidents_section;
DROP FUNCTION seamline_published_frozen();
"""


class Migration(migrations.Migration):
    """Triggers; each can be taken back."""

    dependencies: ClassVar = [("incidents", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_BACK),
        migrations.RunSQL(FIRST_BLAME, FIRST_BLAME_BACK),
        migrations.RunSQL(VERSIONS, VERSIONS_BACK),
        migrations.RunSQL(FINDINGS, FINDINGS_BACK),
        migrations.RunSQL(PUBLISHED, PUBLISHED_BACK),
    ]
