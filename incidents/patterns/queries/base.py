"""What every answer stands on: how many incidents there are, and what is not known of them."""

from __future__ import annotations

from incidents.patterns.answers.shape import Base
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope

SQL = """
SELECT count(*), count(*) FILTER (WHERE {found} > 0),
    count(*) FILTER (WHERE {found} = 0 AND p.resolved_at IS NOT NULL), count(*) FILTER (WHERE p.resolved_at IS NULL)
FROM {incidents} p WHERE {where}
"""


def base(asked: Scope) -> Base:
    """The incidents in scope: all, with a finding, resolved without one, still open; one query."""
    return Base(*facts.rows(asked, SQL)[0])
