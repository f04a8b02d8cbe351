"""Who owns what breaks? How long nobody was accountable for each service, and what opened with nobody accountable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit, spans
from incidents.patterns.statistics import intervals

MOST_DRAWN = 24
NO_SERVICE = "-"  # as the filter of the window has it
DAY = timedelta(days=1)
COLUMNS = (
    Column("service", "Service", "service"),
    Column("tier", "Tier", "text"),
    Column("there", "There for", "duration", "In this time: from its creation or first owner until retired."),
    Column("unowned", "Nobody accountable", "duration", "Nobody was named, or who was named had left."),
    Column("share", "Share of its time", "share"),
    Column("on_purpose", "Nobody on purpose", "duration", "Somebody had said that nobody needs to, and why."),
    Column("gaps", "Gaps", "number", "Stretches with nobody accountable, not on purpose."),
    Column("longest", "Longest gap", "duration"),
    Column("opened", "Incidents opened so", "count", "Nobody was accountable when they opened."),
    Column("known", "of", "number", "Incidents of which it is recorded who was accountable."),
)


@dataclass(frozen=True)
class Gap:
    """A time in which nobody was accountable, `on_purpose` or not."""

    begins: datetime
    ends: datetime
    on_purpose: bool

    @property
    def lasted(self) -> timedelta:
        """How long."""
        return self.ends - self.begins


@dataclass(frozen=True)
class Service:
    """A service with the part of the window in which it was there, and its gaps in order."""

    id: int
    slug: str
    name: str
    tier: str
    begins: datetime
    ends: datetime
    gaps: list[Gap]

    @property
    def there(self) -> timedelta:
        """For how long."""
        return self.ends - self.begins

    def unowned(self, *, on_purpose: bool = False) -> timedelta:
        """For how long nobody was accountable."""
        return sum((gap.lasted for gap in self.gaps if gap.on_purpose is on_purpose), timedelta())


@dataclass(frozen=True)
class Opened:
    """The incidents of one service (None: that name none): all, those recorded with or without owner, those without."""

    service_id: int | None
    slug: str | None
    name: str | None
    tier: str | None
    incidents: int
    known: int
    unowned: int


def answer(
    services: Sequence[Service], opened: Iterable[Opened], base: Base, *, narrowed: Sequence[str] = ()
) -> Answer:
    """The services by tier and name, those that incidents alone know of behind them; `narrowed` are filters of
    incidents that do not narrow the time.
    """
    by_service = {one.service_id: one for one in opened}
    labels = _labels(services)
    lines = [_line(labels[one.id], one.tier, one.slug, one, by_service.pop(one.id, None)) for one in services]
    for one in sorted(by_service.values(), key=lambda one: (one.name is None, one.tier or "", one.name or "")):
        if one.known:
            name = one.name or "no service named"
            lines.append(_line(name, one.tier or "", one.slug or NO_SERVICE, None, one))
    known, without = (sum(line.values[name] for line in lines) for name in ("known", "opened"))
    drawn = _drawn(services)
    return Answer(
        headline=headline(services, known, without),
        caption=caption(services, known, without, base),
        columns=COLUMNS,
        lines=lines,
        n=known,
        figure=_figure(drawn, labels, {line.values["service"]: line for line in lines}) if drawn else None,
        notes=_notes(services, drawn, base.incidents - known, narrowed),
        height="tall" if len(drawn) > 8 else "",
    )


def headline(services: Sequence[Service], known: int, without: int) -> str:
    """For which share of their time services had nobody, and how many incidents opened so."""
    opened = f"{without} of {known} incidents opened with nobody accountable" if known else ""
    if not services:
        return f"{opened}." if opened else "No service was there in this time."
    gone = sum((one.unowned() for one in services), timedelta())
    bare = sum(bool(one.unowned()) for one in services)
    if not bare:
        purpose = ", or none on purpose" if any(one.gaps for one in services) else ""
        said = f"Somebody was accountable for every service all the time{purpose}"
    else:
        share = kit.percent(gone / sum((one.there for one in services), timedelta()))
        among = "of the only service" if len(services) == 1 else f"in {bare} of {len(services)} services"
        said = f"Nobody was accountable for {share} of the time, {among}"
    return f"{said}; {opened}." if opened else f"{said}."


def caption(services: Sequence[Service], known: int, without: int, base: Base) -> str:
    """From when to when a service counts, and how sure the share of incidents is."""
    days = sum((one.there for one in services), timedelta()) / DAY
    told = f"Each service from its creation, or its first owner, until it was retired: {days:,.0f} service days."
    if known < FEW or base.few:
        return f"{told} Incidents of which the owner is recorded:"
    bounds = intervals.share(without, known)
    share = f"{kit.percent(without / known)} of incidents opened with nobody accountable"
    return f"{told} {share} ({kit.between(bounds.low, bounds.high)})."


def _notes(services: Sequence[Service], drawn: Sequence[Service], unknown: int, narrowed: Sequence[str]) -> list[str]:
    notes = []
    if narrowed:
        notes.append(f"Filtering by {words.listed(narrowed)} narrows the incidents, not the time of the services.")
    if unknown:
        notes.append(f"Of {unknown} incidents it is not recorded who was accountable.")
    if len(services) > len(drawn):
        notes.append(f"{len(services) - len(drawn)} more services are in the table; those drawn have the gaps first.")
    return notes


def _labels(services: Sequence[Service]) -> dict[int, str]:
    """A name of its own for each: a retired name may be that of another service again."""
    times = Counter(one.name for one in services)
    return {one.id: one.name if times[one.name] == 1 else f"{one.name} ({one.slug})" for one in services}


def _line(name: str, tier: str, slug: str, one: Service | None, opened: Opened | None) -> Line:
    gaps = [gap.lasted for gap in one.gaps if not gap.on_purpose] if one else []
    without = opened.unowned if opened else 0
    values = {
        "service": name,
        "tier": tier.upper(),
        "there": one.there.total_seconds() if one else None,
        "unowned": one.unowned().total_seconds() if one else None,
        "share": one.unowned() / one.there if one else None,
        "on_purpose": one.unowned(on_purpose=True).total_seconds() if one else None,
        "gaps": len(gaps) if one else None,
        "longest": max(gaps).total_seconds() if gaps else None,
        "opened": without,
        "known": opened.known if opened else 0,
    }
    return Line(values, {"service": slug, "owned": "no"} if without else {})


def _drawn(services: Sequence[Service]) -> list[Service]:
    """All while they are few; else those with a gap before the others, in the order of the table."""
    chosen = {one.id for one in sorted(services, key=lambda one: not one.gaps)[:MOST_DRAWN]}
    return [one for one in services if one.id in chosen]


def _figure(drawn: Sequence[Service], labels: dict[int, str], lines: dict[str, Line]) -> kit.Figure:
    strips = []
    for one in drawn:
        label = labels[one.id]
        line = lines[label]
        opened = f"{line.values['opened']} of {line.values['known']} incidents opened with nobody accountable"
        hover = f"{kit.plain(label)}: {opened}"
        strips.append(spans.Span(label, one.begins, one.ends, "there", hover, line.behind))
        for gap in one.gaps:
            kind = "on_purpose" if gap.on_purpose else "nobody"
            said = "nobody on purpose" if gap.on_purpose else "nobody accountable"
            hover = f"{kit.plain(label)}: {said} for {kit.lasting(gap.lasted.total_seconds())}"
            until = f"{gap.begins:%-d %b %Y} to {gap.ends:%-d %b %Y}"
            strips.append(spans.Span(label, gap.begins, gap.ends, kind, f"{hover}<br>{until}", line.behind))
    return spans.timeline(strips, [labels[one.id] for one in drawn])
