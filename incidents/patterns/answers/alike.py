"""Which services fail on the same days? Pairs of services over the days on which both were in service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.answers.together import Judged, crossing, judged
from incidents.patterns.figures import cells, kit
from incidents.patterns.statistics import pairs

DRAWN = 12  # services in the figure
LISTED = 100  # pairs in the table that were seldom out together
COLUMNS = (
    Column("one", "Service", "service"),
    Column("other", "with", "service"),
    Column("days", "Days together", "count", "Days (UTC) on which both had an incident."),
    Column("of_one", "the one", "count", "Days with an incident of the first, while both were in service."),
    Column("of_other", "the other", "count", "Days with an incident of the second, while both were in service."),
    Column("observed", "of days", "count", "Days on which both were in service."),
    Column("lift", "Times chance", "number", f"Only for {FEW} days together or more."),
    Column("p_value", "p", "p_value", "Fisher’s exact test, two-sided; all pairs held to one false discovery rate."),
)


@dataclass(frozen=True)
class Days:
    """A service, in service from day `begun` to day `ended` of the window (from 0, both included), `out` on these."""

    slug: str
    name: str
    tier: str
    begun: int
    ended: int
    out: frozenset[int]


def pair(one: Days, other: Days) -> pairs.Pair:
    """Counted over the days on which both were in service, never over more."""
    begun, ended = max(one.begun, other.begun), min(one.ended, other.ended)
    mine, theirs = ({day for day in of.out if begun <= day <= ended} for of in (one, other))
    return pairs.Pair(max(0, ended - begun + 1), len(mine), len(theirs), len(mine & theirs))


def answer(rows: Sequence[Days], base: Base) -> Answer:
    """A line for each pair that was out on one day, those beyond chance first; the matrix by tier and name."""
    failed = sorted((row for row in rows if row.out), key=lambda row: (row.tier, row.name.lower(), row.slug))
    names = _names(failed)
    table = {(one.slug, other.slug): pair(one, other) for one, other in combinations(failed, 2)}
    told = judged(table, enough=not base.few)
    ordered = sorted(told, key=lambda one: (one.likely is None, one.likely, names[one.one], names[one.other]))
    together = [one for one in ordered if one.pair.both]
    listed = together if len(together) <= LISTED else [one for one in together if one.pair.both >= FEW]
    drawn = failed[:DRAWN]
    return Answer(
        headline=headline(told, failed, base, names),
        caption=(
            "Pairs of services by the days (UTC) on which both had an incident, over the days on which both were in "
            "service. Blue: more often than chance, grey: less often, framed: chance would seldom do so. On the "
            "diagonal: days with an incident."
        ),
        columns=COLUMNS,
        lines=[_line(one, names) for one in listed],
        n=len(table),
        figure=_figure(told, drawn, names) if len(drawn) > 1 else None,
        notes=_notes(failed, together, listed),
        height="tall" if len(drawn) > 6 else "",
    )


def headline(told: Sequence[Judged], failed: Sequence[Days], base: Base, names: Mapping[str, str]) -> str:
    """Names the pair that fails on the same days more often than chance would bring, says that none does, or cannot
    tell."""
    if len(failed) < 2:
        return "Fewer than two services had an incident, so there is nothing to compare."
    if base.few:
        return f"{base.incidents} incidents in {len(failed)} services: too few to say what fails on the same days."
    attracted = sorted((one for one in told if one.attracts), key=lambda one: (-(one.pair.lift or 0), names[one.one]))
    if not attracted:
        if not any(one.likely is not None for one in told):
            return (
                f"No two services failed on the same day {FEW} times, so nobody can tell whether any belong together."
            )
        return "No two services fail on the same days more often than chance would have it."
    first, more = attracted[0], len(attracted) - 1
    said = (
        f"{names[first.one]} and {names[first.other]} fail on the same day {first.pair.lift:.1f} times as often as "
        f"chance would have it: on {first.pair.both} days"
    )
    further = {0: "", 1: "; 1 more pair does too"}.get(more, f"; {more} more pairs do too")
    return f"{said}{further}."


def _names(rows: Sequence[Days]) -> dict[str, str]:
    often = Counter(row.name for row in rows)
    return {row.slug: f"{row.name} ({row.slug})" if often[row.name] > 1 else row.name for row in rows}


def _line(one: Judged, names: Mapping[str, str]) -> Line:
    values = {
        "one": names[one.one],
        "other": names[one.other],
        "days": one.pair.both,
        "of_one": one.pair.one,
        "of_other": one.pair.other,
        "observed": one.pair.observed,
        "lift": one.pair.lift if one.pair.both >= FEW else None,
        "p_value": one.likely,
    }
    return Line(values, _behind(one))


def _behind(one: Judged) -> dict[str, str]:
    return {"same_day": f"{one.one}.{one.other}"} if one.pair.both else {}


def _figure(told: Sequence[Judged], drawn: Sequence[Days], names: Mapping[str, str]) -> kit.Figure:
    place = {row.slug: number for number, row in enumerate(drawn)}
    between = [
        crossing(one, place, f"{kit.plain(names[one.one])} and {kit.plain(names[one.other])}", "days", _behind(one))
        for one in told
        if one.one in place and one.other in place
    ]
    diagonal = [
        cells.Cell(at, at, str(len(row.out)), "soft", 0.25, _alone(row, names), {"service": row.slug})
        for row, at in zip(drawn, place.values(), strict=True)
    ]
    heads = [cells.Head(str(number)) for number in range(1, len(drawn) + 1)]
    rows = [f"{number} {names[row.slug]}" for number, row in enumerate(drawn, 1)]
    return cells.matrix(rows, heads, [*between, *diagonal])


def _alone(row: Days, names: Mapping[str, str]) -> str:
    return f"{kit.plain(names[row.slug])}: {len(row.out)} days with an incident"


def _notes(failed: Sequence[Days], together: Sequence[Judged], listed: Sequence[Judged]) -> list[str]:
    notes = []
    if len(failed) > DRAWN:
        notes.append(f"The figure shows the first {DRAWN} of {len(failed)} services, by tier and name.")
    if len(listed) < len(together):
        rest = len(together) - len(listed)
        notes.append(f"{rest} more pairs failed together on fewer than {FEW} days; they are not listed.")
    return notes
