"""The figure shows its rows, all of them, and Plotly takes it as it is."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.figures import hurt, ranges, spans, strips
from incidents.patterns.rows import Row
from incidents.patterns.statistics import counting
from incidents.patterns.window import add_months
from incidents.response.vocabulary import Layer

LAYERS = tuple(Layer.values)
MONTHS = tuple(add_months(date(2025, 12, 1), count) for count in range(12))


def rows_of(found: dict[tuple[int, str], tuple[int, int]], months: tuple[date, ...] = MONTHS) -> list[Row]:
    """Rows with (reviewed, provisional) where given."""
    return [
        Row(month, layer, *found.get((place, layer), (0, 0))) for place, month in enumerate(months) for layer in LAYERS
    ]


def draw(rows: list[Row]) -> dict[str, Any]:
    return strips.findings_by_layer(rows, behind=lambda row, state: {"to": f"{row.layer}/{row.month}/{state}"})


ROWS = rows_of({(3, "latency"): (2, 1), (4, "latency"): (0, 2), (11, "data"): (1, 0)})


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 11), st.sampled_from(LAYERS)), st.tuples(st.integers(0, 99), st.integers(0, 99))
    )
)
def test_the_figure_equals_its_rows(found: dict[tuple[int, str], tuple[int, int]]) -> None:
    rows = rows_of(found)
    drawn = {
        (trace["meta"]["layer"], trace["meta"]["state"], month): count
        for trace in draw(rows)["data"]
        for month, count in zip(trace["x"], trace["y"], strict=True)
    }
    expected = {
        (row.layer, state, row.month.isoformat()): getattr(row, state)
        for row in rows
        for state in ("reviewed", "provisional")
    }
    assert drawn == expected


@pytest.mark.parametrize("rows", [ROWS, rows_of({}), rows_of({}, MONTHS[:1]), rows_of({}, MONTHS[:3])])
def test_plotly_takes_it_as_it_is(rows: list[Row]) -> None:
    figure = json.loads(json.dumps(draw(rows)))
    named = json.dumps(figure)
    for layer in (*LAYERS, "faint"):  # the page's script turns names into colours before Plotly sees them
        named = named.replace(f"var(--{layer})", "rgb(1, 2, 3)")
    assert "var(" not in named
    assert len(go.Figure(json.loads(named)).data) == 14


def test_every_month_has_its_place_also_when_nothing_was_found() -> None:
    axis = draw(rows_of({}))["layout"]["xaxis"]
    assert axis["range"] == ["2025-12-01", "2026-12-01"]
    assert all(len(trace["x"]) == 12 for trace in draw(rows_of({}))["data"])


def test_few_months_are_each_named() -> None:
    assert draw(rows_of({}, MONTHS[:6]))["layout"]["xaxis"]["dtick"] == "M1"
    assert "dtick" not in draw(ROWS)["layout"]["xaxis"]


def test_provisional_is_told_from_reviewed_without_colour() -> None:
    shapes = {trace["meta"]["state"]: trace["marker"]["pattern"]["shape"] for trace in draw(ROWS)["data"]}
    assert shapes == {"reviewed": "", "provisional": "/"}


def test_layers_are_told_without_colour_and_the_most_found_is_on_top() -> None:
    labels = draw(ROWS)["layout"]["annotations"]
    assert [label["text"] for label in labels][:3] == ["latency<br>5", "data<br>1", "integration<br>0"]
    assert [label["yref"] for label in labels][:2] == ["y domain", "y2 domain"]
    assert len(labels) == 7


def test_strips_share_one_scale_and_do_not_overlap() -> None:
    layout = draw(ROWS)["layout"]
    axes = [layout["yaxis"], *(layout[f"yaxis{place}"] for place in range(2, 8))]
    assert {tuple(axis["range"]) for axis in axes} == {(0, 3 * 1.05)}
    assert {tuple(axis["tickvals"]) for axis in axes} == {(0, 3)}
    for upper, lower in pairwise(axes):
        assert 0 <= lower["domain"][0] < lower["domain"][1] < upper["domain"][0]
    assert layout["xaxis"]["anchor"] == "y7"


def test_each_bar_knows_the_selection_behind_it() -> None:
    (bars,) = [trace for trace in draw(ROWS)["data"] if trace["meta"] == {"layer": "latency", "state": "provisional"}]
    assert bars["customdata"][3] == {"to": "latency/2026-03-01/provisional"}
    assert [width for width in bars["marker"]["line"]["width"] if width] == [1, 1]


def test_traces_stand_in_the_strip_of_their_layer() -> None:
    figure = draw(ROWS)
    for trace in figure["data"]:
        place = list(counting.totals(ROWS)).index(trace["meta"]["layer"]) + 1
        assert trace["yaxis"] == ("y" if place == 1 else f"y{place}")


def test_no_layer_is_without_its_colour() -> None:
    assert {trace["marker"]["color"] for trace in draw(ROWS)["data"]} == {f"var(--{layer})" for layer in LAYERS}


def test_names_that_people_chose_are_no_tags_for_the_chart_library() -> None:
    name = "<a href='https://example.org'>Answers</a>"
    bar = hurt.Bar(name, 60.0, 120.0, 90.0, 1, {"service": "a"}, {"service": "a"})
    drawn = json.dumps(hurt.bars([bar]))
    assert "<a " not in drawn
    assert "&lt;a " in drawn
    over = ranges.beside_budget([ranges.Range(name, 0.5, 0.9, 1.4, "", {})])["layout"]["annotations"]
    assert [one["text"].startswith("&lt;a ") for one in over] == [True]
    there = spans.Span(name, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), "there", "", {})
    assert spans.timeline([there], [name])["layout"]["yaxis"]["ticktext"][0].startswith("&lt;a ")
