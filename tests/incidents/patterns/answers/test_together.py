"""What fails together: a pair is named only beyond chance, few are counts, and the figure is the table."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from incidents.patterns.answers import together
from incidents.patterns.answers.shape import Answer, Base
from incidents.patterns.statistics import pairs
from incidents.response.vocabulary import Layer

LAYERS = tuple(Layer.values)
sets = st.frozensets(st.sampled_from(LAYERS), min_size=1, max_size=4)
tables = st.dictionaries(sets, st.integers(1, 40), max_size=12)


def answered(found: dict[str, int], incidents: int | None = None) -> Answer:
    """Incidents by their layers, as `data+org`."""
    sets = {frozenset(layers.split("+")): count for layers, count in found.items()}
    observed = sum(found.values())
    base = Base(observed if incidents is None else incidents, observed, 0, 0)
    return together.answer(sets, base, layers=LAYERS)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({}, "Too few incidents with a finding to say what fails together: none."),
        ({"data": 2, "data+org": 2}, "Too few incidents with a finding to say what fails together: 4."),
        ({"data": 9, "data+org": 20}, "29 incidents with a finding: too few to say what fails together."),
        (
            {"data": 40, "org": 40, "data+org": 4},
            "No two layers failed together 5 times, so nobody can tell whether any belong together.",
        ),
        (
            {"data": 25, "org": 25, "data+org": 25, "model": 25},
            "No two layers fail together more often than chance would have it.",
        ),
        (
            {"data": 45, "org": 45, "data+org": 10},
            "No two layers fail together more often than chance would have it; some do so less often.",
        ),
        (
            {"data": 10, "org": 10, "data+org": 40, "model": 40},
            "Data and org fail together 1.6 times as often as chance would have it: in 40 incidents.",
        ),
        (
            {"data+org": 20, "latency+model": 30, "guardrail": 50},
            (
                "Data and org fail together 5.0 times as often as chance would have it: in 20 incidents; "
                "1 more pair does too."
            ),
        ),
    ],
)
def test_a_pair_is_named_only_when_chance_would_seldom_bring_it(found: dict[str, int], says: str) -> None:
    assert answered(found).headline == says


def test_under_five_together_there_is_a_count_and_nothing_else() -> None:
    one = answered({"data+org": 4, "model": 90})
    (line,) = [line for line in one.lines if line.values["incidents"]]
    assert (line.values["incidents"], line.values["lift"], line.values["p_value"]) == (4, None, None)


@given(tables)
def test_the_figure_is_the_table(found: dict[frozenset[str], int]) -> None:
    observed = sum(found.values())
    one = together.answer(found, Base(observed, observed, 0, 0), layers=LAYERS)
    assert one.n == observed
    assert len(one.lines) == 21
    if one.figure is None:
        assert observed < 5
        return
    (drawn,) = one.figure["data"]
    cells = {
        (LAYERS[int(x)], LAYERS[y]): (text, behind)
        for y, x, text, behind in zip(drawn["y"], drawn["base"], drawn["text"], drawn["customdata"], strict=True)
    }
    for line in one.lines:
        text = str(line.values["incidents"] or "·")
        assert cells.pop((line.values["one"], line.values["other"])) == (text, line.behind)
        assert line.values["incidents"] <= min(line.values["of_one"], line.values["of_other"])
    alone = {layer: sum(count for of, count in found.items() if layer in of) for layer in LAYERS}
    assert cells == {(layer, layer): (str(alone[layer]), {"layer": layer}) for layer in LAYERS}


@given(tables)
def test_a_named_pair_is_one_of_the_table_beyond_chance(found: dict[frozenset[str], int]) -> None:
    observed = sum(found.values())
    one = together.answer(found, Base(observed, observed, 0, 0), layers=LAYERS)
    beyond = [
        line.values
        for line in one.lines
        if line.values["p_value"] is not None and line.values["p_value"] < 0.05 and line.values["lift"] > 1
    ]
    assert ("times as often" in one.headline) == bool(beyond)
    if beyond:
        most = max(row["lift"] for row in beyond)
        assert f"{most:.1f} times" in one.headline


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(1, 60))
def test_exact_tests_of_many_are_those_of_each(both: int, one: int, other: int, neither: int) -> None:
    pair = pairs.Pair(both + one + other + neither, both + one, both + other, both)
    assert pairs.p_values([pair, pair]) == [pytest.approx(pair.p_value, abs=1e-9)] * 2
    greater = stats.fisher_exact(pair.table, alternative="greater").pvalue
    assert pairs.excess([pair]) == [pytest.approx(greater, abs=1e-9)]


def test_no_pairs_have_no_p_values() -> None:
    assert pairs.p_values([]) == pairs.excess([]) == []


def test_every_pair_of_layers_has_its_line() -> None:
    one = answered({"data": 30})
    assert [(line.values["one"], line.values["other"]) for line in one.lines] == list(combinations(LAYERS, 2))
