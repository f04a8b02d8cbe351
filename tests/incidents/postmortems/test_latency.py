"""Latency by stage: budget beside observed values, prefilled from the service, corrected without losing what stood."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from incidents.postmortems import measuring
from incidents.postmortems.freezing import Frozen
from incidents.postmortems.measuring import Stage, StageChanged
from incidents.postmortems.models import Postmortem, StageLatency
from incidents.postmortems.queries import layers
from incidents.postmortems.views import waterfalls
from ownership.models import Dependency, Part, Person, Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import PLAIN, htmx, signed_in, url
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(maya: Person) -> Client:
    return signed_in(maya)


@pytest.fixture
def service(maya: Person) -> Service:
    """2 000 ms at p95; its gateway gives the retriever 40 % of it, and the model no share that is known."""
    service = make.service("Support answers", owner=maya)
    service.latency_budget_ms, service.latency_percentile = 2000, Decimal(95)
    service.save()
    gateway, retriever, model = (make.component(name) for name in ("Gateway", "Retriever", "Model"))
    for place, one in enumerate((gateway, retriever, model)):
        Part.objects.create(service=service, component=one, position=place, role="entry" if not place else "critical")
    Dependency.objects.create(upstream=gateway, downstream=retriever, latency_share=Decimal(40))
    Dependency.objects.create(upstream=gateway, downstream=model)
    return service


@pytest.fixture
def draft(maya: Person, service: Service) -> Postmortem:
    return review.draft(by=maya, service=service)


def record(draft: Postmortem, *stages: Stage, **more: Any) -> list[StageLatency]:
    measuring.record(draft, stages=stages, by=draft.author, now=more.pop("now", LATER), **more)
    return layers.stages(draft)


def on(row: StageLatency, **changes: Any) -> Stage:
    """A row that stands, written again with changes."""
    said = {"name": row.name, "budget_ms": row.budget_ms, "p95_ms": row.p95_ms, "p99_ms": row.p99_ms}
    return Stage(line=row.line, seen=row.pk, **{**said, **changes})


# ---- the act ----


def test_a_correction_supersedes_and_what_stood_is_kept(draft: Postmortem) -> None:
    (row,) = record(draft, Stage(name="Reranker", budget_ms=200, p95_ms=180))
    (again,) = record(draft, on(row, p95_ms=640))
    assert (again.line, again.p95_ms) == (row.line, 640)
    old = StageLatency.objects.get(pk=row.pk)
    assert (old.p95_ms, old.superseded_at) == (180, LATER)


def test_what_has_not_changed_stays_the_version_it_is(draft: Postmortem) -> None:
    (row,) = record(draft, Stage(name="Reranker", p95_ms=180))
    (again,) = record(draft, on(row))
    assert again.pk == row.pk


def test_a_row_is_taken_out_and_others_stay_as_they_are(draft: Postmortem) -> None:
    first, second = record(draft, Stage(name="A", p95_ms=1), Stage(name="B", p95_ms=2))
    (left,) = record(draft, on(second), gone=[first.line])
    assert left.pk == second.pk
    assert StageLatency.objects.get(pk=first.pk).superseded_at == LATER


def test_who_was_slower_sees_that_rows_have_changed(draft: Postmortem) -> None:
    (row,) = record(draft, Stage(name="Reranker", p95_ms=180))
    record(draft, on(row, p95_ms=200))
    with pytest.raises(StageChanged):
        record(draft, on(row, p95_ms=300))
    record(draft, gone=[row.line])
    with pytest.raises(StageChanged):
        record(draft, on(row, p95_ms=300))


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"p50_ms": 300, "p95_ms": 200}, "p95 cannot be below p50"),
        ({"p95_ms": 300, "p99_ms": 200}, "p99 cannot be below p95"),
        ({"p50_ms": 300, "p99_ms": 200}, "p99 cannot be below p50"),
    ],
)
def test_percentiles_rise(draft: Postmortem, numbers: dict[str, int], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        record(draft, Stage(name="Reranker", **numbers))
    row = StageLatency(postmortem=draft, line="7" * 32, position=0, name="Reranker", by=draft.author, **numbers)
    with pytest.raises(IntegrityError, match="stage_percentiles_rise"), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    "numbers", [{"p50_ms": 5, "p95_ms": 5, "p99_ms": 5}, {"p99_ms": 0}, {"p50_ms": 1, "p99_ms": 2}]
)
def test_equal_and_unknown_percentiles_are_in_order(draft: Postmortem, numbers: dict[str, int]) -> None:
    (row,) = record(draft, Stage(name="Reranker", **numbers))
    assert {name: getattr(row, name) for name in numbers} == numbers


def test_a_stage_is_one_thing_and_a_window_has_an_order(draft: Postmortem, service: Service) -> None:
    with pytest.raises(ConstraintBroken, match="one of them"):
        record(draft, Stage(service=service, name="And a name"))
    with pytest.raises(ConstraintBroken, match="one of them"):
        record(draft, Stage())
    with pytest.raises(ConstraintBroken, match="before it begins"):
        record(draft, Stage(name="A", measured_from=NOON, measured_until=NOON - timedelta(hours=1)))


def test_rows_are_only_superseded(draft: Postmortem) -> None:
    (row,) = record(draft, Stage(name="Reranker", p95_ms=180))
    with pytest.raises(IntegrityError, match="superseded"), transaction.atomic():
        StageLatency.objects.filter(pk=row.pk).update(p95_ms=1)


def test_published_is_frozen(maya: Person) -> None:
    with pytest.raises(Frozen):
        record(review.published(by=maya), Stage(name="A"))


def test_over_is_the_lowest_percentile_beyond_the_budget_and_unknown_is_not_over() -> None:
    assert StageLatency(budget_ms=200, p50_ms=90, p95_ms=200, p99_ms=201).over == "p99"
    assert StageLatency(budget_ms=200, p95_ms=210, p99_ms=900).over == "p95"
    assert StageLatency(budget_ms=200).over == ""
    assert StageLatency(p99_ms=900).over == ""


# ---- the picture ----


def test_a_stage_begins_where_the_budgets_before_it_end() -> None:
    whole = StageLatency(service_id=1, budget_ms=1000, p95_ms=1500)
    first, second = StageLatency(name="A", budget_ms=400, p95_ms=300), StageLatency(name="B", p95_ms=900, p99_ms=1000)
    bars = waterfalls.of([whole, first, second])
    assert [bar.x for bar in bars] == [0.0, 0.0, round(400 * 1000 / (1500 * 1.02), 1)]
    assert bars[0].share == "p95 1.5 × its budget"
    assert bars[0].over == pytest.approx(500 * 1000 / (1500 * 1.02), abs=0.1)
    assert (bars[1].over, bars[1].share) == (None, "")
    assert (bars[2].budget, bars[2].over) == (None, None)


def test_nothing_known_draws_nothing() -> None:
    assert waterfalls.of([]) == []
    assert waterfalls.of([StageLatency(name="A")]) == []
    assert waterfalls.of([StageLatency(name="A", p95_ms=0)]) == []


# ---- the page ----


def form_of(answer: Any) -> dict[str, str]:
    """What a browser would send back of the form on a page."""
    form = answer.context["latency_form"]
    sent = {"rows": str(form.count)}
    for one in [form.window, *form.rows]:
        for field in one:
            shown = field.field.widget.format_value(field.value())
            sent[field.html_name] = str((shown[0] if isinstance(shown, list) else shown) or "")
    return {name: value for name, value in sent.items() if not name.endswith("-gone")}


def test_the_form_lays_the_budgets_stages_out(client: Client, draft: Postmortem) -> None:
    form = client.get(url(draft, "latency/")).context["latency_form"]
    rows = [(row.label, row["budget_ms"].value()) for row in form.rows]
    assert rows == [
        ("Whole answer", 2000),
        ("Gateway → Retriever", 800),
        ("Gateway → Model", None),
        ("", None),
        ("", None),
    ]
    assert form.window.initial["measured_from"] == draft.incident.impact_from


@pytest.mark.parametrize("headers", [PLAIN, htmx("latency")], ids=["plain", "htmx"])
def test_saving_the_table(client: Client, draft: Postmortem, headers: dict[str, str]) -> None:
    sent = form_of(client.get(url(draft, "latency/")))
    sent |= {"s0-p95_ms": "3100", "s1-p50_ms": "300", "s1-p95_ms": "1300", "s1-shown_by": "trace 13:14"}
    sent |= {"s3-name": "Queue", "s3-p99_ms": "40"}
    answer = client.post(url(draft, "latency/"), sent, headers=headers)
    if headers:
        shown = answer.content.decode()
        assert "p95 1.6 × its budget" in shown
        assert "<form" not in shown
    else:
        assert answer["Location"] == f"{url(draft)}#latency"
    whole, retriever, queue = layers.stages(draft)
    assert (whole.service_id, whole.budget_ms, whole.p95_ms) == (draft.incident.service_id, 2000, 3100)
    assert (str(retriever.dependency), retriever.budget_ms, retriever.p95_ms) == ("Gateway → Retriever", 800, 1300)
    assert retriever.shown_by == "trace 13:14"
    assert retriever.measured_from == draft.incident.impact_from
    assert (queue.name, queue.budget_ms, queue.p99_ms) == ("Queue", None, 40)


def test_saving_twice_changes_nothing_and_a_row_can_go(client: Client, draft: Postmortem) -> None:
    sent = form_of(client.get(url(draft, "latency/"))) | {"s1-p95_ms": "1300"}
    client.post(url(draft, "latency/"), sent)
    before = [row.pk for row in layers.stages(draft)]
    sent = form_of(client.get(url(draft, "latency/")))
    client.post(url(draft, "latency/"), sent)
    assert [row.pk for row in layers.stages(draft)] == before
    client.post(url(draft, "latency/"), sent | {"s0-gone": "on", "s0-p95_ms": "no number"})
    assert [row.pk for row in layers.stages(draft)] == before[1:]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"s1-p50_ms": "1400", "s1-p95_ms": "1300"}, "p95 cannot be below p50: 1300 ms is less than 1400 ms."),
        ({"s1-p95_ms": "fast"}, "Whole milliseconds, such as 800"),
        ({"s3-p95_ms": "10"}, "Choose a part, or name the stage."),
        ({"measured_from": "2026-11-20T13:00", "measured_until": "2026-11-20T12:00"}, "ends before it begins"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_typed(
    client: Client, draft: Postmortem, wrong: dict[str, str], words: str
) -> None:
    sent = form_of(client.get(url(draft, "latency/"))) | {"s2-shown_by": "dashboard 7"} | wrong
    answer = client.post(url(draft, "latency/"), sent)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert words in shown
    assert 'value="dashboard 7"' in shown
    assert not StageLatency.objects.exists()


def test_who_was_slower_keeps_what_was_typed_and_may_save_it_over(client: Client, draft: Postmortem) -> None:
    record(draft, Stage(name="Queue", p95_ms=40))
    sent = form_of(client.get(url(draft, "latency/"))) | {"s0-p95_ms": "70"}
    (row,) = layers.stages(draft)
    record(draft, on(row, p95_ms=50))
    answer = client.post(url(draft, "latency/"), sent)
    assert answer.status_code == 409
    assert "Somebody changed these rows meanwhile" in answer.content.decode()
    again = form_of(answer)
    assert again["s0-p95_ms"] == "70"
    assert client.post(url(draft, "latency/"), again).status_code == 302
    assert layers.stages(draft)[0].p95_ms == 70


def test_readers_find_the_table_and_no_form(client: Client, draft: Postmortem) -> None:
    record(draft, Stage(name="Queue", budget_ms=20, p95_ms=50, shown_by="<b>trace</b>"))
    shown = client.get(url(draft) + "?preview").content.decode()
    assert "over budget at p95" in shown
    assert "&lt;b&gt;trace&lt;/b&gt;" in shown
    assert "Correct or add" not in shown


def test_a_viewer_records_nothing(draft: Postmortem) -> None:
    viewer = signed_in(make.person(role="viewer"))
    assert viewer.get(url(draft, "latency/")).status_code == 403
    assert viewer.post(url(draft, "latency/"), {"rows": "0"}).status_code == 403
