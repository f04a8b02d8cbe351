"""What changed in the worked example: some of it before an incident, some of it at nobody's component."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.alerts import changing, suspecting
from incidents.alerts.change_models import Change, ChangeVia
from incidents.alerts.changing import Said
from incidents.alerts.queries import upstream
from incidents.response.models import Incident
from ownership.models import Component, Person


@dataclass(frozen=True)
class Past:
    """One change: how long ago, where, from what to what."""

    ago: timedelta
    component: str
    kind: str
    title: str
    before: str
    after: str
    who: str


STORY = (
    Past(timedelta(days=118), "Summary prompt", "prompt", "Prompt v31", "v30", "v31", "Jonas Lind"),
    Past(timedelta(days=97), "PII filter", "guardrail", "Rule 88: card numbers", "off", "on", "Maya Okafor"),
    Past(timedelta(days=13), "Retriever", "index", "Index v12", "v11", "v12", "nightly build"),
    Past(timedelta(days=9), "Answer model", "model_alias", "answers-default", "mini-0801", "mini-1101", "deploy bot"),
    Past(timedelta(days=3), "Gateway", "deploy", "Gateway 2.14", "2.13", "2.14", "deploy bot"),
    Past(timedelta(hours=8), "Retriever", "deploy", "Retriever 2.8.1", "2.8.0", "2.8.1", "deploy bot"),
    Past(timedelta(minutes=79), "Search fallback", "config", "Retries of the search client", "1", "3", "Jonas Lind"),
    Past(timedelta(hours=5), "checkout-ranker", "deploy", "Helm release ranker-7", "ranker-6", "ranker-7", "CI"),
)


def record(*, by: Person, now: datetime) -> None:
    """Record them, and suspect the one that came just before the slow answers."""
    components = {one.name.rpartition(" · ")[2]: one for one in Component.objects.all()}
    for past in STORY:
        at = now - past.ago
        said = Said(
            title=past.title,
            at=at,
            kind=past.kind,
            component=components.get(past.component),
            named=past.component,
            before=past.before,
            after=past.after,
            who=past.who,
        )
        changing.record(said, by=by, now=at, via=ChangeVia.API)
    slow = Incident.objects.filter(title__startswith="p99 of answer latency").first()
    change = Change.objects.filter(title="Retries of the search client", superseded_at=None).first()
    if slow is not None and change is not None:
        why = upstream.why(slow, change)
        suspecting.suspect(slow, change, why=why, by=by, now=now - timedelta(minutes=15))
