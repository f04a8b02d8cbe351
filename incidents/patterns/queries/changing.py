"""Since when incidents can have been on record."""

from __future__ import annotations

from incidents.patterns.answers.changing import Since
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.window import Window

SINCE = """
SELECT least((SELECT min(p.detected_at) FROM {incidents} p WHERE {home}), min(s.created_at)) AT TIME ZONE 'UTC',
    count(*) FILTER (WHERE s.retired_at IS NULL OR s.retired_at > %(since)s),
    count(*) FILTER (WHERE s.created_at >= %(since)s AND s.created_at < %(until)s AND NOT EXISTS (
        SELECT FROM {incidents} p WHERE p.service_id = s.id AND p.detected_at < %(since)s AND {home}))
FROM ownership_service s
WHERE s.created_at <= %(as_of)s AND (%(any_service)s OR s.id = ANY(%(services_meant)s::bigint[]))
"""


def since(asked: Scope, window: Window) -> Since:
    """The first incident or, if that was earlier, registration of the services asked for; one query."""
    meant = asked.params.get("services")
    first, services, new = facts.rows(
        asked, SINCE, any_service=meant is None and not window.service, services_meant=meant or []
    )[0]
    return Since(first and first.date(), services, new)
