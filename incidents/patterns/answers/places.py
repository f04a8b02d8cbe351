"""Where does it fail? Incidents of each service with a finding in each layer, against what chance would bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import cells, kit
from incidents.patterns.statistics import counting, intervals, pairs, rates

DRAWN = 20  # services; more would not be read
NAMELESS = "no service named"
COLUMNS = (
    Column("service", "Service", "service"),
    Column("tier", "Tier"),
    Column("layer", "Layer", "layer"),
    Column("incidents", "Incidents", "count", "Of the service, with a finding in the layer."),
    Column("of", "of", "count", "Incidents of the service with any finding."),
    Column("share", "Share", "share", f"Only for {FEW} incidents or more."),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
    Column("lift", "Times chance", "number", "How many times more often than if services and layers were unrelated."),
    Column("p_value", "p", "p_value", "Fisher’s exact test, one-sided; all cells held to one false discovery rate."),
)
SHORT = {
    "data": "data",
    "integration": "int",
    "latency": "lat",
    "evaluation": "eval",
    "guardrail": "grd",
    "org": "org",
    "model": "mod",
}


@dataclass(frozen=True)
class Row:
    """A service with its incidents that have a finding, and with how many of these in each layer."""

    slug: str
    name: str
    tier: str
    tagged: int
    found: Mapping[str, int]


@dataclass(frozen=True)
class _Place:
    """A service in a layer: `likely` is the p-value, held to the false discovery rate; None where it is not told."""

    row: Row
    layer: str
    count: int
    pair: pairs.Pair
    likely: float | None

    @property
    def stands_out(self) -> bool:
        """More often than chance would bring."""
        return self.likely is not None and self.likely < counting.LEVEL


def answer(rows: Sequence[Row], base: Base) -> Answer:
    """A line for each service and layer, services by tier and name; below FEW only counts are told."""
    ordered = sorted(rows, key=lambda row: (not row.name, row.tier or "~", row.name.lower(), row.slug))
    names = _names(ordered)
    places = _places(ordered, base)
    tagged = sum(row.tagged for row in ordered)
    drawn = ordered[:DRAWN]
    return Answer(
        headline=headline(places, ordered, base, names),
        caption=(
            "Incidents with a finding in the layer, by the service they belong to; services by tier, then by name. "
            "One incident may count in several layers. Framed: more often than chance would bring."
        ),
        columns=COLUMNS,
        lines=[_line(place, names) for place in places],
        n=tagged,
        figure=_figure([place for place in places if place.row in drawn], drawn, names) if tagged else None,
        notes=_notes(ordered),
        height="tall" if len(drawn) > 7 else "",
        pivot=("service", "layer", "incidents"),
    )


def headline(places: Sequence[_Place], rows: Sequence[Row], base: Base, names: Mapping[str, str]) -> str:
    """Names the service and layer that stand out of chance most, or says that none does, or that nobody can tell."""
    tagged = sum(row.tagged for row in rows)
    if tagged < FEW:
        return f"Too few incidents with a finding to say where they are: {tagged or 'none'}."
    named = [row for row in rows if row.name]
    if not named:
        return f"None of the {tagged} incidents with a finding names a service."
    if len(rows) == 1:
        return f"All {tagged} incidents with a finding are in {names[rows[0].slug]}."
    if base.few:
        return f"{tagged} incidents with a finding, in {_services(len(named))}: too few to say that a place stands out."
    found = sorted((place for place in places if place.stands_out), key=lambda place: (place.likely, -place.count))
    return _standing_out(found, names) if found else _level(places)


def _level(places: Sequence[_Place]) -> str:
    """None stands out: because each was held against chance, or because none could be."""
    if all(place.likely is None for place in places):
        return f"No service has {FEW} incidents in one layer, so nobody can tell whether any stands out."
    return "No service stands out in any layer: the findings lie as chance would have them."


def _standing_out(found: Sequence[_Place], names: Mapping[str, str]) -> str:
    first, more = found[0], len(found) - 1
    elsewhere = first.pair.other - first.count
    told = (
        f"{names[first.row.slug]} stands out in {first.layer}: {first.count} of its {first.row.tagged} incidents, "
        f"{elsewhere} of {first.pair.observed - first.row.tagged} elsewhere"
    )
    further = {0: "", 1: "; 1 more place stands out"}.get(more, f"; {more} more places stand out")
    return f"{told}{further}."


def _services(count: int) -> str:
    return "1 service" if count == 1 else f"{count} services"


def _places(rows: Sequence[Row], base: Base) -> list[_Place]:
    """Every cell. All whose row and column have FEW are tested, also the empty ones: the family is not chosen by
    what was found in it."""
    observed = sum(row.tagged for row in rows)
    layers = list(rows[0].found) if rows else []
    column = Counter({layer: sum(row.found[layer] for row in rows) for layer in layers})
    table = {
        (row.slug, layer): pairs.Pair(observed, row.tagged, column[layer], row.found[layer])
        for row in rows
        for layer in layers
    }
    enough = not base.few and len(rows) > 1
    tested = {key: pair for key, pair in table.items() if enough and min(pair.one, pair.other) >= FEW}
    likely = dict(zip(tested, rates.adjusted(pairs.excess(list(tested.values()))), strict=True))
    return [
        _Place(row, layer, pair.both, pair, likely.get((row.slug, layer)) if pair.both >= FEW and row.name else None)
        for row in rows
        for layer in layers
        for pair in [table[row.slug, layer]]
    ]


def _names(rows: Sequence[Row]) -> dict[str, str]:
    """What each service is called; of several of one name, retired ones, each with its slug."""
    often = Counter(row.name for row in rows)
    return {
        row.slug: (f"{row.name} ({row.slug})" if often[row.name] > 1 else row.name) if row.name else NAMELESS
        for row in rows
    }


def _line(place: _Place, names: Mapping[str, str]) -> Line:
    told = place.count >= FEW
    bounds = intervals.share(place.count, place.row.tagged) if told else intervals.Interval(None, None)
    values = {
        "service": names[place.row.slug],
        "tier": place.row.tier,
        "layer": place.layer,
        "incidents": place.count,
        "of": place.row.tagged,
        "share": place.count / place.row.tagged if told else None,
        "low": bounds.low,
        "high": bounds.high,
        "lift": place.pair.lift if place.likely is not None else None,
        "p_value": place.likely,
    }
    return Line(values, {"service": place.row.slug, "layer": place.layer} if place.count else {})


def _figure(places: Sequence[_Place], rows: Sequence[Row], names: Mapping[str, str]) -> kit.Figure:
    top = max(place.count for place in places) or 1
    layers = list(rows[0].found)
    order = {row.slug: number for number, row in enumerate(rows)}
    return cells.matrix(
        [names[row.slug] for row in rows],
        [cells.Head(SHORT.get(layer, layer), layer) for layer in layers],
        [
            cells.Cell(
                order[place.row.slug],
                layers.index(place.layer),
                f"{place.count or '·'}",
                place.layer,
                place.count / top,
                _hover(place, names[place.row.slug]),
                _line(place, names).behind,
                place.stands_out,
            )
            for place in places
        ],
    )


def _hover(place: _Place, name: str) -> str:
    told = f"{kit.plain(name)}, {place.layer}: {place.count} of {place.row.tagged} incidents"
    if place.count < FEW:
        return told
    bounds = intervals.share(place.count, place.row.tagged)
    share = f"{kit.percent(place.count / place.row.tagged)} ({kit.between(bounds.low, bounds.high)})"
    chance = "" if place.likely is None else f"<br>{place.pair.lift:.1f} × chance, p {words.p_value(place.likely)}"
    return f"{told}<br>{share}{chance}"


def _notes(rows: Sequence[Row]) -> list[str]:
    notes = []
    if len(rows) > DRAWN:
        notes.append(f"The figure shows the first {DRAWN} of {len(rows)} services; the table has all.")
    nameless = sum(row.tagged for row in rows if not row.name)
    if nameless and len(rows) > 1:
        notes.append(f"{nameless} of the incidents with a finding name no service.")
    return notes
