"""First blame against what was found."""

from __future__ import annotations

from incidents.patterns.answers.blames import Flow
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope

FLOWS = """
SELECT p.first_blame, p.primary_layer, count(*) FILTER (WHERE p.primary_state = 'reviewed'), count(*)
FROM {incidents} p WHERE {where} AND p.first_blame <> '' GROUP BY 1, 2
"""


def flows(asked: Scope) -> list[Flow]:
    """Incidents by first blame and layer of the primary finding, "" where there is none yet; one query."""
    return [Flow(*row) for row in facts.rows(asked, FLOWS)]
