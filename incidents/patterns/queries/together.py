"""What was found in one incident, and what failed on one day."""

from __future__ import annotations

from datetime import UTC

from incidents.patterns.answers.alike import Days
from incidents.patterns.models import BITS
from incidents.patterns.queries import exposure, facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.window import Window
from ownership.vocabulary import Tier

LAYERS = "SELECT {found}, count(*) FROM {incidents} p WHERE {where} AND {found} > 0 GROUP BY 1"


def layers(asked: Scope) -> dict[frozenset[str], int]:
    """Incidents by the layers in which they have a finding: at most 127 rows, one query."""
    return {
        frozenset(str(layer) for layer, bit in BITS.items() if found & bit): count
        for found, count in facts.rows(asked, LAYERS)
    }


DAYS = """
SELECT p.service_id, array_agg(DISTINCT (p.detected_at AT TIME ZONE 'UTC')::date - (%(since)s AT TIME ZONE 'UTC')::date)
FROM {incidents} p WHERE {where} AND p.service_id IS NOT NULL GROUP BY 1
"""


def days(asked: Scope, window: Window) -> list[Days]:
    """The days of the window, from 0, on which each service was in service, and those with an incident; two queries."""
    out = dict(facts.rows(asked, DAYS))
    return [
        Days(
            span.slug,
            span.name,
            Tier(span.tier).short,
            (span.begun.astimezone(UTC).date() - window.first_day).days,
            (span.ended.astimezone(UTC).date() - window.first_day).days,
            frozenset(out.get(span.number, ())),
        )
        for span in exposure.spans(asked, window)
    ]
