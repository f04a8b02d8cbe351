"""A few incidents as a list tells them."""

from __future__ import annotations

import json
from typing import Any

from incidents.patterns.answers.listing import Entry
from incidents.patterns.models import BITS
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope
from incidents.response import chains

# Severity, service and layers are those of the instant asked for; title and name are told as they are now, who answered
# as it was known when the incident opened.
LISTED = """
SELECT p.incident_id, i.title, p.severity, coalesce(s.name, ''), coalesce(s.slug, ''), p.detected_at,
    p.resolved_at IS NULL, p.primary_layer, {found}, i.chain
FROM {incidents} p JOIN incidents_incident i ON i.id = p.incident_id
    LEFT JOIN ownership_service s ON s.id = p.service_id
WHERE {where} ORDER BY p.detected_at DESC, p.incident_id DESC LIMIT %(most)s
"""
NOT_RECORDED = "who answered is not recorded"


def listed(asked: Scope, *, most: int) -> list[Entry]:
    """The incidents in scope, newest first, `most` at most; one query."""
    return [_entry(*row) for row in facts.rows(asked, LISTED, most=most)]


def _entry(*row: Any) -> Entry:
    number, title, severity, service, slug, detected_at, is_open, primary, found, chain = row
    others = [layer for layer, bit in BITS.items() if found & bit and layer != primary]
    known = json.loads(chain) if isinstance(chain, str) else chain
    answered = chains.words(known) if known else NOT_RECORDED
    layers = (primary, *others) if primary else tuple(others)
    return Entry(number, title, severity, service, slug, detected_at, is_open, layers, answered)
