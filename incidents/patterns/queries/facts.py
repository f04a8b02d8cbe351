"""The rows that a viewer's chart may count: the tables kept by triggers or, for an earlier instant, what gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Expression, Q

from incidents.patterns.models import BITS
from incidents.patterns.window import NO_SERVICE, Filters, Window
from incidents.response.queries import visible
from incidents.response.vocabulary import Layer
from ownership.models import Person, Service
from ownership.queries import owners

INCIDENTS, FINDINGS = "incidents_patternincident", "incidents_patternfinding"
NUMBERS = "SELECT p.incident_id FROM {incidents} p WHERE {where}"
NAMED = re.compile(r"%\((\w+)\)s")
BEGAN = "coalesce(p.impact_from, p.detected_at)"
OVER = "coalesce(p.mitigated_at, p.resolved_at)"
# Users are hurt from the start of the impact, or where that is not known from when it was noticed, until they were
# well, or until now. The first line only says the second so that indexes can answer it. Near misses hurt nobody.
HURTING = f"""({OVER} >= %(since)s OR {OVER} IS NULL OR p.detected_at >= %(since)s) AND {BEGAN} < %(until)s
    AND (coalesce({OVER}, %(as_of)s) > %(since)s OR {BEGAN} >= %(since)s) AND p.type <> 'near_miss'"""
# Times that a file contradicts itself about, as they still stand: nothing begins or ends with them.
DOUBTED = """FROM incidents_doubtedtime d WHERE d.incident_id = p.incident_id AND d.known_from <= %(as_of)s
    AND (d.superseded_at IS NULL OR d.superseded_at > %(as_of)s)"""
HURT_KNOWN = f"""(p.impact_from < coalesce({OVER}, %(as_of)s) AND p.share_from IS NOT NULL
    AND NOT EXISTS (SELECT {DOUBTED} AND d.at IN (p.impact_from, {OVER})))"""
# A start known to the hour or day is given as the earliest that it was: see incidents/response/queries/durations.py.
LATEST = """coalesce(p.impact_until, p.impact_from + CASE p.impact_precision
    WHEN 'hour' THEN interval '1 hour' WHEN 'day' THEN interval '1 day' ELSE interval '0' END)"""
FOUND = "(p.reviewed | p.provisional)"  # the layers found in an incident, a bit each


@dataclass(frozen=True)
class Scope:
    """Which rows count, for SQL: `incidents` and `findings` say where they are, `where` which, of either called `p`.

    `anytime` is the same condition whenever they were detected, `home` also whatever they were like: all that this
    viewer may see of the services asked for.
    """

    incidents: str
    findings: str
    where: str
    params: Mapping[str, Any]
    anytime: str = "p.counted"
    home: str = "p.counted"

    @property
    def instant(self) -> datetime | str:
        """The instant whose knowledge is asked for, as a timestamp of SQL: `infinity` for now."""
        instant: datetime | str = self.params.get("known_at", "infinity")
        return instant

    def narrowed(self, where: str, **params: Any) -> Scope:
        """The same with a further condition on `p`."""
        return replace(
            self,
            where=f"{self.where} AND {where}",
            anytime=f"{self.anytime} AND {where}",
            params={**self.params, **params},
        )

    def hurting(self, since: datetime | None = None, until: datetime | None = None) -> Scope:
        """Instead of those detected in the window, those that went on in it, or in these times: see HURTING."""
        bounds = {"since": since or self.params["since"], "until": until or self.params["until"]}
        return replace(self, where=f"{self.anytime} AND {HURTING}", params={**self.params, **bounds})


def scope(window: Window, viewer: Person) -> Scope:
    """Counted incidents detected in the window that its filters let through and the viewer may see.

    At most two small queries, for the services meant and for the private incidents that this viewer may see.
    """
    params: dict[str, Any] = {"since": window.since, "until": window.until, "as_of": window.as_of}
    source = (INCIDENTS, FINDINGS)
    if window.known_at:
        params["known_at"] = window.known_at
        source = ("seamline_pattern_incidents(%(known_at)s)", "seamline_pattern_findings(%(known_at)s)")
    own = list(visible.to(viewer).filter(private=True).values_list("pk", flat=True))
    params["own"] = own
    home = ["p.counted", "(NOT p.private OR p.incident_id = ANY(%(own)s))"]
    _narrow_to_services(window, home, params)
    anytime = list(home)
    for name in ("severity", "detected_by"):
        if value := getattr(window.filters, name):
            anytime.append(f"p.{name} = %({name})s")
            params[name] = value
    if layer := window.filters.failing:
        anytime.append(
            f"EXISTS (SELECT FROM {source[0]} q WHERE q.incident_id = p.incident_id"
            " AND (q.reviewed | q.provisional) & %(failing)s > 0)"
        )
        params["failing"] = BITS[Layer(layer)]
    where = ["p.detected_at >= %(since)s", "p.detected_at < %(until)s", *anytime]
    return Scope(*source, " AND ".join(where), params, " AND ".join(anytime), " AND ".join(home))


def rows(asked: Scope, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    """What a statement gives, with ours and these parameters.

    In it `{incidents}` and `{findings}` name the tables, `{where}` is the condition on `p`, `{home}` the wider one of
    `Scope`, `{found}` the bits of all layers found in an incident `p`; `{began}` the earliest and `{latest}` the latest
    that it began, `{over}` when users were well, `{hurt_known}` whether its time and its share are known,
    `{doubted}` the times `d` of which nobody can tell. Raises ValueError for a parameter that the
    scope has: it would move the window.
    """
    if taken := asked.params.keys() & params.keys():
        raise ValueError(f"the scope has these parameters: {sorted(taken)}")
    with connection.cursor() as cursor:
        cursor.execute(_filled(asked, sql), {**asked.params, **params})
        return list(cursor.fetchall())


class Numbers(Expression):
    """The numbers of the incidents in scope, for `pk__in` of a query on incidents."""

    def __init__(self, asked: Scope) -> None:
        super().__init__(output_field=BigIntegerField())
        self.asked = asked

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Django's placeholders have no names: each name becomes a place, in the order of the text."""
        sql = _filled(self.asked, NUMBERS)
        return f"({NAMED.sub('%s', sql)})", tuple(self.asked.params[name] for name in NAMED.findall(sql))


def _narrow_to_services(window: Window, where: list[str], params: dict[str, Any]) -> None:
    filters = window.filters
    if filters.service == NO_SERVICE:
        where.append("p.service_id IS NULL")
    asked = _services(filters)
    if asked:
        services = Service.objects.filter(asked)
        if filters.team:
            services = services.filter(owners.answered_by_team(filters.team, at=window.as_of))
        where.append("p.service_id = ANY(%(services)s)")
        params["services"] = list(services.values_list("pk", flat=True))


def _services(filters: Filters) -> Q:
    asked = {
        field: value
        for field, value in (("slug", filters.service), ("tier", filters.tier), ("archetype", filters.archetype))
        if value and value != NO_SERVICE
    }
    return Q(**asked) if asked else (Q(pk__isnull=False) if filters.team else Q())


def _filled(asked: Scope, sql: str) -> str:
    return sql.format(
        incidents=asked.incidents,
        findings=asked.findings,
        where=asked.where,
        home=asked.home,
        found=FOUND,
        began=BEGAN,
        latest=LATEST,
        over=OVER,
        hurt_known=HURT_KNOWN,
        doubted=DOUBTED,
    )
