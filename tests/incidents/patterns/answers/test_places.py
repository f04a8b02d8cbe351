"""Where it fails: no place is named that chance alone would give, none is ranked, and the figure is the table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import kinds, modes, places
from incidents.patterns.answers.places import Row
from incidents.patterns.answers.shape import Answer, Base
from incidents.response.vocabulary import Layer

LAYERS = tuple(Layer.values)


def service(name: str, tagged: int, tier: str = "Tier 2", **found: int) -> Row:
    slug = name.lower().replace(" ", "-") or "-"
    return Row(slug, name, tier if name else "", tagged, {layer: found.get(layer, 0) for layer in LAYERS})


def base(tagged: int) -> Base:
    return Base(incidents=tagged, tagged=tagged, untagged=0, open=0)


def answered(*rows: Row, incidents: int | None = None) -> Answer:
    return places.answer(rows, base(sum(row.tagged for row in rows) if incidents is None else incidents))


FRAUD = service("Fraud score", 20, integration=12, data=17)
OTHERS = (service("Support answers", 40, integration=6, data=34), service("Ranking", 40, integration=4, data=34))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((), "Too few incidents with a finding to say where they are: none."),
        ((service("Ranking", 4, data=4),), "Too few incidents with a finding to say where they are: 4."),
        ((service("Ranking", 40, data=40),), "All 40 incidents with a finding are in Ranking."),
        ((service("", 40, data=40),), "None of the 40 incidents with a finding names a service."),
        (
            (service("Ranking", 10, data=10), service("Fraud score", 10, org=10)),
            "20 incidents with a finding, in 2 services: too few to say that a place stands out.",
        ),
        (
            (service("Ranking", 40, data=20, org=20), service("Fraud score", 40, data=20, org=20)),
            "No service stands out in any layer: the findings lie as chance would have them.",
        ),
        (
            (FRAUD, *OTHERS),
            "Fraud score stands out in integration: 12 of its 20 incidents, 10 of 80 elsewhere.",
        ),
    ],
)
def test_a_place_is_named_only_when_chance_would_seldom_give_it(rows: tuple[Row, ...], says: str) -> None:
    assert answered(*rows).headline == says


def test_where_nothing_was_held_against_chance_nobody_can_tell() -> None:
    told = answered(service("Ranking", 4, data=4), service("Fraud score", 4, org=4), incidents=30).headline
    assert told == "No service has 5 incidents in one layer, so nobody can tell whether any stands out."


def test_further_places_are_counted() -> None:
    told = answered(service("Ranking", 40, data=38, org=2), service("Fraud score", 40, data=2, org=38)).headline
    assert told.endswith("; 1 more place stands out.")


def test_a_cell_under_five_is_a_count_whatever_it_would_say() -> None:
    one = answered(service("Ranking", 5, org=4), service("Fraud score", 200, data=200))
    (line,) = [line for line in one.lines if line.values["layer"] == "org" and line.values["service"] == "Ranking"]
    assert line.values["incidents"] == 4
    assert {line.values[name] for name in ("share", "low", "high", "lift", "p_value")} == {None}
    assert "Ranking" not in one.headline


def test_services_stand_by_tier_and_name_and_never_by_how_much_failed() -> None:
    rows = (
        service("", 90, data=90),
        service("Zeal", 1, "Tier 1", data=1),
        service("Busy", 99, "Tier 2", data=99),
        service("alpha", 1, "Tier 2", data=1),
    )
    assert list(dict.fromkeys(answered(*rows).column("service"))) == ["Zeal", "alpha", "Busy", "no service named"]


def test_services_of_one_name_are_told_apart() -> None:
    rows = [Row(slug, "Ranking", "Tier 2", 5, dict.fromkeys(LAYERS, 1)) for slug in ("ranking", "ranking-2")]
    assert set(answered(*rows).column("service")) == {"Ranking (ranking)", "Ranking (ranking-2)"}


def test_more_services_than_can_be_read_are_all_in_the_table() -> None:
    one = answered(*(service(f"Service {place:02}", 3, data=3) for place in range(25)))
    assert len(set(one.column("service"))) == 25
    assert one.figure is not None
    assert len(one.figure["layout"]["yaxis"]["ticktext"]) == 20
    assert one.notes == ["The figure shows the first 20 of 25 services; the table has all."]


def test_a_name_cannot_bring_tags_into_the_figure() -> None:
    row = Row("ranking", "<b>Ranking</b>", "Tier 2", 40, {layer: 40 if layer == "data" else 0 for layer in LAYERS})
    one = answered(row, service("Fraud score", 5, org=5))
    assert "<b>" not in str(one.figure)


counts = st.integers(0, 60)


@given(st.lists(st.tuples(st.integers(60, 99), st.lists(counts, min_size=7, max_size=7)), min_size=1, max_size=12))
def test_the_figure_is_the_table(given_rows: list[tuple[int, list[int]]]) -> None:
    rows = [
        Row(f"s{place}", f"Service {place:02}", "Tier 2", tagged, dict(zip(LAYERS, found, strict=True)))
        for place, (tagged, found) in enumerate(given_rows)
    ]
    one = answered(*rows)
    assert one.figure is not None
    (drawn,) = one.figure["data"]
    names = one.figure["layout"]["yaxis"]["ticktext"]
    cells = {
        (names[y], LAYERS[int(x)]): (text, behind)
        for y, x, text, behind in zip(drawn["y"], drawn["base"], drawn["text"], drawn["customdata"], strict=True)
    }
    assert cells == {
        (line.values["service"], line.values["layer"]): (str(line.values["incidents"] or "·"), line.behind)
        for line in one.lines
    }
    assert one.n == sum(row.tagged for row in rows)
    ringed = sum(width > 0 for width in drawn["marker"]["line"]["width"])
    assert ringed == sum((p or p == 0) and p < 0.05 for p in one.column("p_value") if p is not None)
    assert ("stands out in" in one.headline and "No service" not in one.headline) == (ringed > 0)


# ---- kinds of parts ----

NAMES = {"api": "API", "model": "Model endpoint", "queue": "Queue", "vendor": "External vendor", "seam": "Seam"}


def parts(placed: int, tagged: int | None = None, **found: int) -> Answer:
    rows = [kinds.Row(kind, count, count) for kind, count in found.items()]
    return kinds.answer(rows, placed, base(placed if tagged is None else tagged), names=NAMES)


@pytest.mark.parametrize(
    ("placed", "found", "says"),
    [
        (0, {}, "Too few incidents name the part that failed: none of 0."),
        (4, {"api": 4}, "Too few incidents name the part that failed: 4 of 4."),
        (20, {"seam": 12, "api": 8}, "So far seam in 12 of 20 incidents: too few to call it a pattern."),
        (40, {"api": 40}, "API: in 100 % of the incidents that name a part, and no other sort of part in any."),
        (100, {"api": 60, "seam": 20}, "API: in 60 % of the incidents that name a part, seam in 20 %."),
        (
            100,
            {"model": 22, "api": 20},
            "Model endpoint: in 22 % of the incidents that name a part, API in 20 %: too close to tell which leads.",
        ),
        (
            100,
            {"api": 30, "model": 30, "seam": 2},
            "API and model endpoint tie, each in 30 % of the incidents that name a part.",
        ),
        (
            100,
            {"api": 9, "model": 9, "seam": 9, "queue": 9},
            "4 sorts tie, each in 9 % of the incidents that name a part.",
        ),
    ],
)
def test_a_sort_of_part_is_named_only_when_it_leads(placed: int, found: dict[str, int], says: str) -> None:
    assert parts(placed, **found).headline == says


def test_what_names_no_part_is_told_and_not_counted() -> None:
    one = parts(40, tagged=100, seam=30, api=10)
    assert one.notes == ["60 of 100 incidents with a finding name no part."]
    assert one.column("share") == [0.75, 0.25]
    assert one.n == 40
    assert one.figure is not None
    assert one.figure["data"][0]["x"] == one.column("share")
    assert one.figure["data"][0]["customdata"] == [{"kind": "seam"}, {"kind": "api"}]


def test_few_parts_have_counts_and_no_shares() -> None:
    one = parts(4, seam=3, api=1)
    assert one.figure is None
    assert (one.column("incidents"), set(one.column("share"))) == ([3, 1], {None})


# ---- modes ----


def found_modes(*findings: int, without: int = 0, incidents: int = 100) -> Answer:
    rows = [modes.Row(f"data.m{place}", f"M{place}", "data", count, count, 0) for place, count in enumerate(findings)]
    extra = [modes.Row("", "", "", without, without, 0)] if without else []
    return modes.answer([*rows, *extra], base(incidents))


@pytest.mark.parametrize(
    ("findings", "incidents", "says"),
    [
        ((), 100, "Too few findings with a mode to say anything: none."),
        ((4,), 100, "Too few findings with a mode to say anything: 4."),
        ((50,), 100, "All 50 findings with a mode are “M0”."),
        ((9, 1), 10, "So far 10 findings in 2 modes: too few to call any of them a pattern."),
        ((60, 20, 20), 100, "“M0” alone is 60 % of 100 findings."),
        ((40, 10, 10, 10, 10, 10, 10), 100, "Half of 100 findings are in 2 of 7 modes; “M0” leads with 40."),
        ((25, 25, 25, 25), 100, "Half of 100 findings are in 2 of 4 modes; 4 of them lead with 25 each."),
        (
            (30, 28, 22, 20),
            100,
            "Half of 100 findings are in 2 of 4 modes; “M0” (30) and “M1” (28) are too close to tell which leads.",
        ),
    ],
)
def test_half_of_the_findings_and_a_leader_only_when_it_leads(
    findings: tuple[int, ...], incidents: int, says: str
) -> None:
    assert found_modes(*findings, incidents=incidents).headline == says


def test_findings_without_a_mode_stand_last_and_in_no_share() -> None:
    one = found_modes(30, 10, without=60)
    assert one.column("mode") == ["M0", "M1", "without a mode"]
    assert one.column("share") == [0.75, 0.25, None]
    assert one.lines[-1].behind == {"mode": "-"}
    assert one.n == 40
    assert one.notes == ["60 findings in 60 incidents have no mode yet."]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(30, 400))
def test_the_line_of_the_pareto_rises_to_everything(findings: list[int], incidents: int) -> None:
    one = found_modes(*findings, incidents=incidents)
    if sum(findings) < 5:
        assert one.figure is None
        return
    assert one.figure is not None
    bars, line = one.figure["data"]
    assert bars["x"] == one.column("findings")[:12]
    assert line["x"] == one.column("together")[:12]
    assert bars["customdata"] == [row.behind for row in one.lines[:12]]
    assert line["x"] == sorted(line["x"])
    assert one.column("together")[-1] == 1
    assert sum(one.column("findings")) == one.n == sum(findings)
