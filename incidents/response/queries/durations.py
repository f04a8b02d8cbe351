"""How long it took from one named time of an incident to another; never guessed, and an interval where one end is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incidents.response.models import Incident
from incidents.response.vocabulary import Anchor, Precision
from web.wording import duration

# What a start of the impact known only so far leaves open: the time given is the earliest that it was.
OPEN_FOR = {Precision.HOUR: timedelta(hours=1), Precision.DAY: timedelta(days=1)}
TOLD = (
    ("To notice", Anchor.IMPACT, Anchor.DETECTED),
    ("To acknowledge", Anchor.DETECTED, Anchor.ACKNOWLEDGED),
    ("To know the cause", Anchor.DETECTED, Anchor.IDENTIFIED),
    ("To mitigate", Anchor.DETECTED, Anchor.MITIGATED),
    ("To resolve", Anchor.DETECTED, Anchor.RESOLVED),
)


OUT_OF_ORDER, DOUBTED = "out of order", "not known: "
NO_DOUBTS: Mapping[Anchor, str] = {}


@dataclass(frozen=True)
class Span:
    """A duration between two anchors: from `least` to `most`, the same when both ends are exact.

    `least` None: at most `most`, for the first end may lie after the second. Both None: `missing` says why.
    """

    label: str
    begins: Anchor
    ends: Anchor
    least: timedelta | None = None
    most: timedelta | None = None
    missing: str = ""

    @property
    def known(self) -> bool:
        """True when there is something to tell."""
        return self.most is not None

    @property
    def words(self) -> str:
        """`37 min`, `1 h 05 to 2 h 05`, `at most 40 min`, or why there is none."""
        if self.most is None:
            return self.missing
        if self.least is None:
            return f"at most {duration(self.most)}"
        if self.least == self.most:
            return duration(self.most)
        return f"{duration(self.least)} to {duration(self.most)}"


def of(incident: Incident, doubts: Mapping[Anchor, str] = NO_DOUBTS) -> list[Span]:
    """What can be told, what is doubted and what is out of order; spans with an unknown end are left out.

    `doubts` says why a time that is there tells nothing (`queries.doubts`).
    """
    last = Anchor.MITIGATED if incident.mitigated_at else Anchor.RESOLVED
    asked = [*TOLD, ("Impact lasted", Anchor.IMPACT, last)]
    spans = [_doubted(between(incident, *one), doubts) for one in asked]
    return [span for span in spans if span.known or span.missing.startswith((OUT_OF_ORDER, DOUBTED))]


def _doubted(span: Span, doubts: Mapping[Anchor, str]) -> Span:
    """The span, unknown where one of its ends is doubted."""
    anchor = next((one for one in (span.begins, span.ends) if one in doubts), None)
    if anchor is None or not (span.known or span.missing == OUT_OF_ORDER):
        return span
    return replace(span, least=None, most=None, missing=f"{DOUBTED}{anchor.label.lower()} {doubts[anchor]}")


def between(incident: Incident, label: str, begins: Anchor, ends: Anchor) -> Span:
    """The span between two anchors; `ends` is none of Anchor.IMPACT."""
    start, end = window(incident, begins), window(incident, ends)
    for anchor, known in ((begins, start), (ends, end)):
        if known is None:
            return Span(label, begins, ends, missing=f"{anchor.label.lower()}: not known")
    if start is None or end is None or end[0] < start[0]:
        return Span(label, begins, ends, missing=OUT_OF_ORDER)
    least = end[0] - start[1] if end[0] >= start[1] else None
    return Span(label, begins, ends, least, end[0] - start[0])


def window(incident: Incident, anchor: Anchor) -> tuple[datetime, datetime] | None:
    """The earliest and the latest that an anchor was; None when it is not known."""
    if anchor is not Anchor.IMPACT:
        at: datetime | None = getattr(incident, f"{anchor.value}_at")
        return (at, at) if at else None
    begins = incident.impact_from
    if begins is None:
        return None
    return begins, incident.impact_until or begins + OPEN_FOR.get(Precision(incident.impact_precision), timedelta())
