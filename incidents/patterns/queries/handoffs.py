"""How often the ball of an incident was passed on, and whether it went straight back."""

from __future__ import annotations

from incidents.patterns.answers.handoffs import MOST, Passed
from incidents.patterns.queries import facts
from incidents.patterns.queries.beside import PASSES
from incidents.patterns.queries.facts import Scope

PASSED = """
SELECT least(coalesce(passed.times, 0), {most})::int, coalesce(passed.back, false), count(*)
FROM {incidents} p LEFT JOIN LATERAL ({passes}) passed ON true WHERE {where} GROUP BY 1, 2
""".replace("{most}", str(MOST)).replace("{passes}", PASSES)


def passed(asked: Scope) -> list[Passed]:
    """Incidents by how often the ball was passed on by the instant asked for, and whether it went back; one query."""
    return [Passed(*row) for row in facts.rows(asked, PASSED, of_instant=asked.instant)]
