"""Sentences follow from their own rows, ties and "cannot tell" included; figures show what the table says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import blames, layers
from incidents.patterns.answers.blames import Flow
from incidents.patterns.answers.layers import Row
from incidents.patterns.answers.shape import Answer, Base
from incidents.response.vocabulary import Layer

LAYERS = tuple(Layer.values)


def answered(tagged: int, **found: int) -> Answer:
    rows = [Row(layer, found.get(layer, 0), found.get(layer, 0)) for layer in LAYERS]
    return layers.answer(rows, Base(incidents=tagged, tagged=tagged, untagged=0, open=0))


@pytest.mark.parametrize(
    ("tagged", "found", "says"),
    [
        (0, {}, "Too few incidents with a finding to say anything: none."),
        (4, {"data": 4}, "Too few incidents with a finding to say anything: 4."),
        (10, {"data": 10}, "So far data is in 10 of 10 incidents with a finding: too few to call it a pattern."),
        (29, {"data": 20}, "So far data is in 20 of 29 incidents with a finding: too few to call it a pattern."),
        (30, {"data": 30}, "Data is in 100 % of incidents, and no other layer in any."),
        (100, {"data": 60, "org": 20}, "Data is in 60 % of incidents, org in 20 %."),
        (100, {"data": 22, "org": 20}, "Data is in 22 % of incidents, org in 20 %: too close to tell which leads."),
        (100, {"data": 60, "org": 20, "model": 20}, "Data is in 60 % of incidents, org and model in 20 % each."),
        (100, {"data": 30, "org": 30, "model": 1}, "Data and org tie, each in 30 % of incidents."),
        (
            10,
            {"data": 3, "org": 3, "model": 1},
            "So far data and org are each in 3 of 10 incidents with a finding: too few to call it a pattern.",
        ),
    ],
)
def test_a_leader_is_named_only_when_it_leads(tagged: int, found: dict[str, int], says: str) -> None:
    assert answered(tagged, **found).headline == says


def test_few_incidents_are_counted_and_not_drawn() -> None:
    few = answered(4, data=3, org=1)
    assert few.figure is None
    assert few.column("incidents") == [3, 1]
    assert set(few.column("share")) == {None}


@given(st.lists(st.integers(0, 50), min_size=7, max_size=7).filter(any))
def test_the_figure_is_the_table(found: list[int]) -> None:
    one = answered(max([5, *found]), **dict(zip(LAYERS, found, strict=True)))
    assert one.figure is not None
    (bars,) = one.figure["data"]
    assert (bars["y"], bars["x"]) == (one.column("layer"), one.column("share"))
    assert [behind["layer"] for behind in bars["customdata"]] == bars["y"]
    assert all(
        low is None or low <= share <= high
        for low, share, high in zip(*map(one.column, ("low", "share", "high")), strict=True)
    )
    assert (one.column("low")[0] is None) == (one.n < 30)


flows = st.dictionaries(
    st.tuples(st.sampled_from(LAYERS), st.sampled_from([*LAYERS, ""])), st.integers(1, 40), max_size=20
)


@given(flows)
def test_the_flow_conserves_what_was_blamed_and_found(given_flows: dict[tuple[str, str], int]) -> None:
    rows = [Flow(blame, found, 0, count) for (blame, found), count in given_flows.items()]
    one = blames.answer(rows, layers=LAYERS)
    found = [row for row in rows if row.found]
    assert one.n == sum(row.incidents for row in found)
    assert sum(one.column("incidents")) == sum(row.incidents for row in rows)
    if not found:
        assert one.figure is None
        return
    drawn = one.figure["data"][0]
    labels, link = drawn["node"]["label"], drawn["link"]
    assert sum(link["value"]) == one.n
    for place, label in enumerate(labels):
        name, count = label.rsplit(" ", 1)
        ends = [*(link["source"]), *(link["target"])]
        passed = sum(value for end, value in zip(ends, link["value"] * 2, strict=True) if end == place)
        assert passed == int(count), name


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({}, "Nobody's first blame can be compared with a finding yet."),
        (
            {("data", "data"): 3, ("data", "org"): 1},
            "The model was never blamed first; other first blames were right 3 of 4 times.",
        ),
        ({("model", "data"): 3}, "Blamed on the model 3 times, found there never: too few to say more."),
        ({("model", "data"): 22, ("model", "model"): 4}, "Blamed on the model 26 times, found there 4 times."),
        ({("model", "data"): 25, ("model", "model"): 1}, "Blamed on the model 26 times, found there once."),
    ],
)
def test_the_model_is_judged_by_its_own_rows(found: dict[tuple[str, str], int], says: str) -> None:
    rows = [Flow(blame, where, 0, count) for (blame, where), count in found.items()]
    assert blames.answer(rows, layers=LAYERS).headline == says


def test_what_the_system_had_caused_has_its_interval() -> None:
    rows = [Flow("model", "data", 0, 22), Flow("model", "model", 0, 4), Flow("model", "", 0, 2)]
    one = blames.answer(rows, layers=LAYERS)
    assert "85 % of the blames on the model were system-caused (66 to 94 %)" in one.caption
    assert list(one.notes) == ["2 more were blamed on a layer and have no primary finding yet."]
    assert one.n == 26


def test_a_model_that_was_blamed_and_never_found_out_about_is_not_told_as_never_blamed() -> None:
    flows = [blames.Flow("model", "", 0, 9), blames.Flow("data", "data", 1, 3)]
    answer = blames.answer(flows, layers=("data", "model"))
    assert answer.headline == "Blamed on the model 9 times, and in none of these is it known yet what it was."
