"""What comes back more than elsewhere? Each mode in each service against its share by days in service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit, pareto
from incidents.patterns.statistics import counting, rates

DRAWN = 12
LISTED = 60
COLUMNS = (
    Column("service", "Service", "service"),
    Column("mode", "Failure mode", "mode"),
    Column("layer", "Layer", "layer"),
    Column("incidents", "Incidents", "count", "Of the service, with this mode."),
    Column("expected", "Expected", "number", "The mode’s incidents in all services, shared out by days in service."),
    Column("days", "Days in service", "count"),
    Column("p_value", "p", "p_value", "Exact Poisson, one-sided; all pairs held to one false discovery rate."),
)


@dataclass(frozen=True)
class Hits:
    """In how many incidents of a service a mode was found."""

    slug: str
    service: str
    code: str
    mode: str
    layer: str
    incidents: int


@dataclass(frozen=True)
class Watched:
    """For how many days a service could have failed."""

    slug: str
    name: str
    days: float


@dataclass(frozen=True)
class _Repeat:
    hits: Hits
    name: str
    days: float
    expected: float | None
    likely: float | None

    @property
    def stands_out(self) -> bool:
        """More often than the days in service would have it."""
        return self.likely is not None and self.likely < counting.LEVEL


def answer(found: Sequence[Hits], watched: Sequence[Watched], base: Base) -> Answer:
    """A line for each mode that came twice or more in a service, those beyond chance first, then the most incidents."""
    repeats = sorted(
        _repeats(found, watched, enough=not base.few),
        key=lambda one: (
            not one.stands_out,
            one.likely if one.stands_out else -one.hits.incidents,
            one.name,
            one.hits.mode,
        ),
    )
    twice = [one for one in repeats if one.hits.incidents > 1]
    lines = [_line(one) for one in twice[:LISTED]]
    out = [one for one in twice if one.stands_out]
    return Answer(
        headline=headline(twice, watched, base),
        caption=(
            "Modes that were found twice or more in a service. Expected: the mode’s incidents in all services, shared "
            "out by the days each was in service. Listed first: more than chance would bring, then by incidents."
        ),
        columns=COLUMNS,
        lines=lines,
        n=len(twice),
        figure=_figure(twice[:DRAWN]) if twice and not base.few else None,
        notes=_notes(twice, out),
        height="tall",
    )


def headline(twice: Sequence[_Repeat], watched: Sequence[Watched], base: Base) -> str:
    """Names what comes back most beyond its share, says that nothing does, or cannot tell."""
    if not twice:
        return "No failure mode came back in the same service."
    often = f"{len(twice)} mode{'s' if len(twice) > 1 else ''} came twice or more in a service"
    if base.few:
        return f"{often}: too few incidents to say whether that is chance."
    if len(watched) < 2:
        return f"{often}; with one service there is nothing to compare with."
    out = [one for one in twice if one.stands_out]
    if not out:
        if not any(one.likely is not None for one in twice):
            return f"No mode came {FEW} times in a service, so nobody can tell whether any comes back beyond chance."
        return "No mode comes back in any service more often than its days in service would have it."
    first, more = out[0], len(out) - 1
    said = (
        f"“{first.hits.mode}” comes back in {first.name}: {first.hits.incidents} times, {first.expected:.1f} expected"
    )
    return f"{said}." if not more else f"{said}; so {'do' if more > 1 else 'does'} {more} more."


def _repeats(found: Sequence[Hits], watched: Sequence[Watched], *, enough: bool) -> list[_Repeat]:
    """Each pair with its p-value. The family are all services times all modes found FEW times in all, also where a
    mode never was: it does not depend on what came back where."""
    days = {one.slug: one.days for one in watched}
    whole = sum(days.values())
    often = Counter(one.name for one in watched)
    totals: Counter[str] = Counter()
    for one in found:
        totals[one.code] += one.incidents
    modes = [code for code, total in totals.items() if total >= FEW]
    expected = {(one.slug, one.code): totals[one.code] * days[one.slug] / whole for one in found if days.get(one.slug)}
    compared = enough and len(days) > 1
    tested = [one for one in found if compared and one.code in modes and (one.slug, one.code) in expected]
    chances = [rates.excess(one.incidents, expected[one.slug, one.code]) for one in tested]
    never = max(0, len(days) * len(modes) - len(tested))
    adjusted = rates.adjusted([*chances, *[1.0] * never])
    likely = {(one.slug, one.code): p for one, p in zip(tested, adjusted, strict=False)}
    return [
        _Repeat(
            one,
            f"{one.service} ({one.slug})" if often[one.service] > 1 else one.service,
            days.get(one.slug, 0.0),
            expected.get((one.slug, one.code)),
            likely.get((one.slug, one.code)) if one.incidents >= FEW else None,
        )
        for one in found
    ]


def _line(one: _Repeat) -> Line:
    values = {
        "service": one.name,
        "mode": one.hits.mode,
        "layer": one.hits.layer,
        "incidents": one.hits.incidents,
        "expected": one.expected,
        "days": round(one.days),
        "p_value": one.likely,
    }
    return Line(values, {"service": one.hits.slug, "mode": one.hits.code})


def _figure(drawn: Sequence[_Repeat]) -> kit.Figure:
    return pareto.against([_bar(one) for one in drawn])


def _bar(one: _Repeat) -> pareto.Against:
    told = f"{kit.plain(one.hits.mode)} in {kit.plain(one.name)}: {one.hits.incidents} incidents"
    chance = "" if one.expected is None else f", {one.expected:.1f} expected"
    likely = "" if one.likely is None else f"<br>p {words.p_value(one.likely)}"
    return pareto.Against(
        f"{one.hits.mode}, {one.name}",
        one.hits.incidents,
        one.expected,
        one.hits.layer,
        f"{told}{chance}{likely}",
        _line(one).behind,
        one.stands_out,
    )


def _notes(twice: Sequence[_Repeat], out: Sequence[_Repeat]) -> list[str]:
    notes = []
    if out:
        notes.append("Incidents that come in clusters look more unusual here than they are.")
    if len(twice) > LISTED:
        notes.append(f"{len(twice) - LISTED} more pairs of mode and service came twice or more; they are not listed.")
    return notes
