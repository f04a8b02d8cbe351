"""Every yes is a confirmation of its own; until now it was read from who wrote a row, and who is in a team today."""

import django.db.models.deletion
from django.db import migrations, models

# The yes that was surely said: a person put themselves down or accepted a hand-over, a team was put down or accepted by
# somebody whom the row names, or who was in it by then and is in it still. A row that only changes the time or the
# name in one of the same party, which it overlaps and replaces, says nothing.
WORDS = """
INSERT INTO ownership_confirmation (assignment_id, by_id, at)
SELECT held.id, held.made_by_id, held.known_from
FROM ownership_assignment AS held
WHERE held.role = 'accountable'
    AND NOT COALESCE(upper(held.during) <= held.known_from, FALSE)
    AND (held.made_by_id IN (held.person_id, held.answering_id) OR EXISTS (
        SELECT FROM ownership_membership AS mate
        WHERE mate.team_id = held.team_id AND mate.person_id = held.made_by_id AND mate.since <= held.known_from
    ))
    AND NOT EXISTS (
        SELECT FROM ownership_assignment AS before
        WHERE before.role = 'accountable' AND before.superseded_at = held.known_from AND before.id < held.id
            AND before.during && held.during
            AND (before.service_id, before.component_id, before.dependency_id, before.person_id, before.team_id)
                IS NOT DISTINCT FROM
                (held.service_id, held.component_id, held.dependency_id, held.person_id, held.team_id)
    )
    AND NOT EXISTS (
        SELECT FROM ownership_confirmation AS said WHERE said.assignment_id = held.id AND said.at = held.known_from
    )
"""


def _kept(to):
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="waivers", to=to
    )


class Migration(migrations.Migration):

    dependencies = [
        ("ownership", "0006_catalogue_uploads"),
    ]

    operations = [
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        migrations.AlterField("waiver", "service", _kept("ownership.service")),
        migrations.AlterField("waiver", "component", _kept("ownership.component")),
        migrations.AlterField("waiver", "dependency", _kept("ownership.dependency")),
    ]
