"""How far an incident went, in what somebody who glances takes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from incidents.response.models import ImpactFacts, Incident
from incidents.response.queries import durations
from incidents.response.queries.durations import Span
from incidents.response.vocabulary import Anchor, Green

SHOWN = 20


@dataclass(frozen=True)
class Glance:
    """One thing known: `4 %` and `of EN tickets`."""

    value: str
    label: str

    def __str__(self) -> str:
        return f"{self.value} {self.label}"


def current(incident: Incident) -> ImpactFacts | None:
    """What holds now; None while nothing was said. One query."""
    return ImpactFacts.objects.filter(incident=incident, superseded_at=None).select_related("by").first()


def known_at(incident: Incident, at: datetime) -> ImpactFacts | None:
    """What was known then. One query."""
    then = ImpactFacts.objects.filter(incident=incident, known_from__lte=at)
    return then.filter(Q(superseded_at=None) | Q(superseded_at__gt=at)).order_by("-known_from", "-pk").first()


def history(incident: Incident) -> list[ImpactFacts]:
    """What was said, the latest SHOWN, newest first. One query."""
    rows = ImpactFacts.objects.filter(incident=incident).select_related("by")
    return list(rows.order_by("-known_from", "-pk")[:SHOWN])


def glances(incident: Incident, facts: ImpactFacts | None) -> list[Glance]:
    """What is known, each with what it is; nothing that is unknown."""
    if facts is None:
        return []
    found = []
    if facts.share_from is not None:
        found.append(Glance(_share(facts), f"of {facts.slice or 'the traffic'}"))
    elif facts.slice:
        found.append(Glance(facts.slice, "affected"))
    if facts.bad_count is not None:
        found.append(
            Glance(f"{facts.bad_count:,}", f"bad answer{'' if facts.bad_count == 1 else 's'} went out as fine")
        )
    if facts.tries is not None:
        found.append(Glance(f"{facts.reproduced} of {facts.tries}", "tries showed it again"))
    return [*found, *_monitors(incident, facts)]


def phrases(incident: Incident, facts: ImpactFacts | None) -> list[str]:
    """The same as words, with the versions: `4 % of EN tickets`, `prompt v31`."""
    if facts is None:
        return []
    return [*map(str, glances(incident, facts)), *(f"{name} {version}" for name, version in versions(facts))]


def versions(facts: ImpactFacts) -> list[tuple[str, str]]:
    """Which versions were in use, where that is known."""
    named = (("prompt", facts.prompt_version), ("model", facts.model_version), ("index", facts.index_version))
    return [(name, version) for name, version in named if version]


def green_while_wrong(incident: Incident, facts: ImpactFacts | None) -> Span | None:
    """How long it was wrong while the monitors were green; None unless somebody said that they were."""
    if facts is None or facts.monitors_green != Green.YES:
        return None
    return durations.between(incident, "Green while wrong", Anchor.IMPACT, Anchor.DETECTED)


def _monitors(incident: Incident, facts: ImpactFacts) -> list[Glance]:
    span = green_while_wrong(incident, facts)
    if span is not None:
        return [
            Glance(span.words, "green while wrong")
            if span.known
            else Glance("Green", "monitors, for how long is not known")
        ]
    return [Glance("Shown", "by the monitors")] if facts.monitors_green == Green.NO else []


def _share(facts: ImpactFacts) -> str:
    least, most = (_percent(share) for share in (facts.share_from, facts.share_until))
    return f"{least} %" if least == most else f"{least} to {most} %"


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{share.normalize():f}"
