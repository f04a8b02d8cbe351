"""What a published page shows besides its text is frozen with it: actions, reasons, tags, stances, latencies, answers."""

from django.db import migrations

# Of a published postmortem no row of these comes, changes or goes.
TABLES = {
    "held": "held",
    "layer_tag": "layertag",
    "no_action_reason": "noactionreason",
    "ruling_out": "rulingout",
    "stage_latency": "stagelatency",
}
PARTS = """
CREATE FUNCTION seamline_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM incidents_postmortem
        WHERE id IN (OLD.postmortem_id, NEW.postmortem_id) AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = TG_ARGV[0],
            MESSAGE = 'what is published is frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER {name}_frozen_once_published BEFORE INSERT OR UPDATE OR DELETE ON incidents_{table}
    FOR EACH ROW EXECUTE FUNCTION seamline_part_frozen('{name}_frozen_once_published');
"""
    for name, table in TABLES.items()
)
PARTS_BACK = (
    "".join(f"DROP TRIGGER {name}_frozen_once_published ON incidents_{table};\n" for name, table in TABLES.items())
    + "DROP FUNCTION seamline_part_frozen();"
)

# An action goes on after publishing: how far it came, its ticket, and who has it when its owner leaves. What it is stays.
ACTIONS = """
CREATE FUNCTION seamline_action_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves CONSTANT text[] := ARRAY[
        'done_at', 'done_by_id', 'verified_at', 'verified_by_id', 'verification_id', 'declined_at', 'declined_by_id',
        'snoozed_until', 'ticket_url', 'ticket_state', 'ticket_checked_at', 'ticket_checked_by_id',
        'owner_id', 'owner_team_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - moves = to_jsonb(OLD) - moves OR NOT EXISTS (
        SELECT FROM incidents_postmortem
        WHERE id IN (OLD.postmortem_id, NEW.postmortem_id) AND published_at IS NOT NULL
    ) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'action_frozen_once_published',
        MESSAGE = 'a published action goes on; what it is stays';
END $$;
CREATE TRIGGER action_frozen_once_published BEFORE INSERT OR UPDATE OR DELETE ON incidents_action
    FOR EACH ROW EXECUTE FUNCTION seamline_action_frozen();
"""
ACTIONS_BACK = """
DROP TRIGGER action_frozen_once_published ON incidents_action;
DROP FUNCTION seamline_action_frozen();
"""

# The page shows what was known when it was published; what is recorded afterwards is known from a later time.
FINDINGS = """
CREATE FUNCTION seamline_finding_known_later() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    published timestamptz;
    known timestamptz := CASE TG_OP WHEN 'INSERT' THEN NEW.known_from ELSE NEW.superseded_at END;
BEGIN
    SELECT published_at INTO published FROM incidents_postmortem WHERE incident_id = NEW.incident_id;
    IF published >= known THEN
        RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'finding_known_after_publishing',
            MESSAGE = 'what is found after publishing is known from a later time';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER finding_known_after_publishing BEFORE INSERT OR UPDATE ON incidents_finding
    FOR EACH ROW EXECUTE FUNCTION seamline_finding_known_later();
"""
FINDINGS_BACK = """
DROP TRIGGER finding_known_after_publishing ON incidents_finding;
DROP FUNCTION seamline_finding_known_later();
"""


class Migration(migrations.Migration):

    dependencies = [("incidents", "0035_findings_complete")]

    operations = [
        migrations.RunSQL(PARTS, PARTS_BACK),
        migrations.RunSQL(ACTIONS, ACTIONS_BACK),
        migrations.RunSQL(FINDINGS, FINDINGS_BACK),
    ]
