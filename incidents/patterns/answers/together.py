"""What fails together? Pairs of layers in one incident, against what chance alone would bring together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import cells, kit
from incidents.patterns.statistics import counting, pairs, rates

COLUMNS = (
    Column("one", "Layer", "layer"),
    Column("other", "with", "layer"),
    Column("incidents", "Together", "count", "Incidents with a finding in both."),
    Column("of_one", "the one", "count", "Incidents with a finding in the first layer."),
    Column("of_other", "the other", "count", "Incidents with a finding in the second layer."),
    Column("expected", "By chance", "number", "As many would be together if the two were unrelated."),
    Column("lift", "Times chance", "number", f"Only for {FEW} together or more."),
    Column("p_value", "p", "p_value", "Fisher’s exact test, two-sided; all pairs held to one false discovery rate."),
)
SHORT = {"integration": "int", "latency": "lat", "evaluation": "eval", "guardrail": "grd", "model": "mod"}


@dataclass(frozen=True)
class Judged:
    """Two names with how often they came together; `likely` is the p-value held to the false discovery rate, None
    where it is not told."""

    one: str
    other: str
    pair: pairs.Pair
    likely: float | None

    @property
    def beyond_chance(self) -> bool:
        """Together more often or less often than chance would bring."""
        return self.likely is not None and self.likely < counting.LEVEL

    @property
    def attracts(self) -> bool:
        """Together more often than chance would bring."""
        return self.beyond_chance and (self.pair.lift or 0) > 1


def judged(table: Mapping[tuple[str, str], pairs.Pair], *, enough: bool) -> list[Judged]:
    """Each pair with its p-value. All are tested of which either side showed FEW times, so that the family does not
    depend on what came together; told is it only where they came together FEW times. None while not `enough`."""
    tested = [key for key, pair in table.items() if enough and min(pair.one, pair.other) >= FEW]
    p_values = dict(zip(tested, rates.adjusted(pairs.p_values([table[key] for key in tested])), strict=True))
    return [
        Judged(one, other, pair, p_values.get((one, other)) if pair.both >= FEW else None)
        for (one, other), pair in table.items()
    ]


def answer(found: Mapping[frozenset[str], int], base: Base, *, layers: Sequence[str]) -> Answer:
    """A line for each pair of layers; `found` are the incidents by all layers in which they have a finding."""
    observed = sum(found.values())
    counts = {layer: sum(count for of, count in found.items() if layer in of) for layer in layers}
    table = {
        (one, other): pairs.Pair(
            observed,
            counts[one],
            counts[other],
            sum(count for of, count in found.items() if one in of and other in of),
        )
        for one, other in combinations(layers, 2)
    }
    told = judged(table, enough=not base.few)
    return Answer(
        headline=headline(told, observed, base),
        caption=(
            f"Pairs of layers with findings in one incident, of {observed} with any finding. Blue: more often than "
            "chance, grey: less often, framed: chance would seldom do so. On the diagonal: incidents with the layer."
        ),
        columns=COLUMNS,
        lines=[_line(one) for one in told],
        n=observed,
        figure=_figure(told, counts) if observed >= FEW else None,
        notes=_notes(observed),
        height="tall",
    )


def headline(told: Sequence[Judged], observed: int, base: Base) -> str:
    """Names the pair that comes together more often than chance would bring, says that none does, or cannot tell."""
    if observed < FEW:
        return f"Too few incidents with a finding to say what fails together: {observed or 'none'}."
    if base.few:
        return f"{observed} incidents with a finding: too few to say what fails together."
    attracted = sorted((one for one in told if one.attracts), key=lambda one: (-(one.pair.lift or 0), one.one))
    if attracted:
        return _named(attracted)
    if not any(one.likely is not None for one in told):
        return f"No two layers failed together {FEW} times, so nobody can tell whether any belong together."
    rarer = "; some do so less often" if any(one.beyond_chance for one in told) else ""
    return f"No two layers fail together more often than chance would have it{rarer}."


def _named(attracted: Sequence[Judged]) -> str:
    first, more = attracted[0], len(attracted) - 1
    told = (
        f"{first.one.capitalize()} and {first.other} fail together {first.pair.lift:.1f} times as often as chance would"
        f" have it: in {first.pair.both} incidents"
    )
    if not more:
        return f"{told}."
    return f"{told}; {more} more pairs do too." if more > 1 else f"{told}; 1 more pair does too."


def _line(one: Judged) -> Line:
    pair = one.pair
    told = pair.both >= FEW
    values = {
        "one": one.one,
        "other": one.other,
        "incidents": pair.both,
        "of_one": pair.one,
        "of_other": pair.other,
        "expected": pair.one * pair.other / pair.observed if pair.observed else None,
        "lift": pair.lift if told else None,
        "p_value": one.likely,
    }
    return Line(values, _behind(one))


def _behind(one: Judged) -> dict[str, str]:
    return {"layer": one.one, "beside": one.other} if one.pair.both else {}


def _figure(told: Sequence[Judged], counts: Mapping[str, int]) -> kit.Figure:
    layers = list(counts)
    place = {layer: number for number, layer in enumerate(layers)}
    drawn = [crossing(one, place, f"{one.one} and {one.other}", "incidents", _behind(one)) for one in told]
    diagonal = [
        cells.Cell(at, at, str(counts[layer]), layer, 0.25, f"{layer}: {counts[layer]} incidents", {"layer": layer})
        for layer, at in place.items()
    ]
    return cells.matrix(layers, [cells.Head(SHORT.get(layer, layer), layer) for layer in layers], [*drawn, *diagonal])


def colour(one: Judged) -> str:
    """Grey where chance would have them together more often, which is no finding in itself."""
    return "soft" if one.beyond_chance and not one.attracts else "accent"


def shade(one: Judged) -> float:
    """How far from chance, whichever way: nothing where they are unrelated or few, full at four times or a quarter."""
    lift = one.pair.lift if one.pair.both >= FEW else None
    if not lift:
        return 0.0
    away = max(lift, 1 / lift)
    return min(1.0, (away - 1) / 3) if lift > 1 or one.beyond_chance else 0.0


def crossing(one: Judged, place: Mapping[str, int], names: str, units: str, behind: Mapping[str, str]) -> cells.Cell:
    """The cell of a pair, the later one's row in the earlier one's column; `place` says which comes when."""
    return cells.Cell(
        place[one.other],
        place[one.one],
        f"{one.pair.both or '·'}",
        colour(one),
        shade(one),
        hover(one, names, units),
        behind,
        one.beyond_chance,
    )


def hover(one: Judged, names: str, units: str) -> str:
    """What stands beside a cell."""
    pair = one.pair
    told = f"{names}: {pair.both} {units} together, n = {pair.observed}"
    if pair.both < FEW or pair.lift is None:
        return told
    chance = "" if one.likely is None else f", p {words.p_value(one.likely)}"
    return f"{told}<br>{pair.lift:.1f} × chance{chance}"


def _notes(observed: int) -> list[str]:
    told = "Only incidents with a finding are counted, so two unrelated layers come out a little under 1 times chance."
    return [told] if observed else []
