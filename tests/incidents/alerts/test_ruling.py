"""Writing rules: numbers, versions, places, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.alerts import ruling
from incidents.alerts.matching.conditions import Condition
from incidents.alerts.rule_models import AlertRule
from incidents.alerts.ruling import RuleChanged, RuleEnded, Wanted
from incidents.response.models import FailureMode
from ownership.models import Person, Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts.factories import minutes
from web.errors import Invalid

pytestmark = pytest.mark.django_db

ASKED = (Condition("label", "is", ("indexer",), "job"),)


@pytest.fixture
def editor() -> Person:
    return make.person("Maya", role="editor")


@pytest.fixture
def service() -> Service:
    return make.service("Answers")


def three(service: Service, by: Person) -> list[AlertRule]:
    return [
        ruling.make("subject", Wanted(ASKED, service=service, note=note), by=by, now=NOON) for note in ("a", "b", "c")
    ]


def order() -> list[str]:
    return list(AlertRule.objects.filter(superseded_at=None).order_by("position").values_list("note", flat=True))


def versions() -> dict[str, int]:
    return dict(AlertRule.objects.filter(superseded_at=None).values_list("note", "version"))


def test_rules_are_numbered_in_their_list_and_come_last(editor: Person, service: Service) -> None:
    assert [one.number for one in three(service, editor)] == [1, 2, 3]
    assert order() == ["a", "b", "c"]
    layered = ruling.make("layer", Wanted(ASKED, layer="data"), by=editor, now=NOON)
    assert (layered.number, layered.label) == (1, "layer rule 1")


def test_a_deleted_number_is_not_given_again(editor: Person, service: Service) -> None:
    *_, last = three(service, editor)
    ruling.end(last, by=editor, now=minutes(1))
    made = ruling.make("subject", Wanted(ASKED, service=service), by=editor, now=minutes(2))
    assert made.number == 4
    ended = AlertRule.objects.get(number=3, version=2)
    assert (ended.change, ended.enabled, ended.superseded_at, ended.by) == ("ended", False, minutes(1), editor)
    for again in (
        lambda: ruling.end(last, by=editor, now=minutes(3)),
        lambda: ruling.move(last, to=0, by=editor, now=minutes(3)),
        lambda: ruling.switch(last, on=False, by=editor, now=minutes(3)),
        lambda: ruling.edit(last, Wanted(ASKED, service=service), seen=1, by=editor, now=minutes(3)),
    ):
        with pytest.raises(RuleEnded):
            again()


@pytest.mark.parametrize(
    ("moved", "to", "after"),
    [
        (0, 1, "bac"), (0, 2, "bca"), (0, 99, "bca"), (2, 0, "cab"), (2, -5, "cab"), (1, 0, "bac"), (1, 1, "abc"),
        (2, 2, "abc"),
    ],
)  # fmt: skip
def test_moving_makes_a_version_of_the_moved_one_alone(
    editor: Person, service: Service, moved: int, to: int, after: str
) -> None:
    rules = three(service, editor)
    ruling.move(rules[moved], to=to, by=editor, now=minutes(1))
    assert "".join(order()) == after
    stirred = {note for note, version in versions().items() if version > 1}
    assert stirred == ({"abc"[moved]} if after != "abc" else set())


def test_where_there_is_no_room_left_places_are_counted_anew(editor: Person, service: Service) -> None:
    rules = three(service, editor)
    for turn in range(40):
        ruling.move(rules[2 if turn % 2 else 1], to=1, by=editor, now=minutes(turn))
        assert order()[0] == "a"
    assert order() == ["a", "c", "b"]
    assert versions()["a"] > 1, "the room between two rules was used up once"
    assert len(set(AlertRule.objects.filter(superseded_at=None).values_list("position", flat=True))) == 3


def test_an_edit_to_a_version_that_is_no_more_is_refused(editor: Person, service: Service) -> None:
    rule = three(service, editor)[0]
    other = make.service("Other")
    ruling.edit(rule, Wanted(ASKED, service=other, note="x"), seen=1, by=editor, now=minutes(1))
    with pytest.raises(RuleChanged):
        ruling.edit(rule, Wanted(ASKED, service=service, note="y"), seen=1, by=editor, now=minutes(2))
    assert AlertRule.objects.get(number=1, superseded_at=None).service == other


def test_the_same_content_and_the_same_state_make_no_version(editor: Person, service: Service) -> None:
    rule = three(service, editor)[0]
    ruling.edit(rule, Wanted(ASKED, service=service, note=" a "), seen=1, by=editor, now=minutes(1))
    ruling.switch(rule, on=True, by=editor, now=minutes(1))
    assert AlertRule.objects.filter(number=1).count() == 1
    ruling.switch(rule, on=False, by=editor, now=minutes(2))
    ruling.switch(rule, on=False, by=editor, now=minutes(3))
    assert list(AlertRule.objects.filter(number=1).order_by("version").values_list("change", "enabled")) == [
        ("made", True),
        ("off", False),
    ]


def test_switching_a_built_in_rule_keeps_its_story(editor: Person) -> None:
    for turn, on in enumerate((True, False, False, True)):
        ruling.switch_built_in("data.schema", on=on, by=editor, now=minutes(turn))
    told = AlertRule.objects.filter(code="data.schema").order_by("version").values_list("version", "change")
    assert list(told) == [(1, "off"), (2, "on")]
    with pytest.raises(Invalid):
        ruling.switch_built_in("data.weather", on=False, by=editor, now=NOON)


@pytest.mark.parametrize(
    ("book", "said", "field"),
    [
        ("subject", {}, "target"),
        ("subject", {"service": "living", "component": "living"}, "target"),
        ("subject", {"service": "retired"}, "target"),
        ("subject", {"service": "living", "conditions": ()}, "conditions"),
        ("subject", {"service": "living", "conditions": (*ASKED, Condition("name", "regex", ("(",)))}, "condition_1"),
        ("subject", {"service": "living", "conditions": (Condition("source", "is", ("999",)),)}, "condition_0"),
        ("layer", {}, "layer"),
        ("layer", {"layer": "weather"}, "layer"),
        ("layer", {"layer": "org", "mode": "data.schema_drift"}, "layer"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    editor: Person, book: str, said: dict[str, Any], field: str
) -> None:
    known = {
        "living": {"service": make.service(), "component": make.component()},
        "retired": {"service": make.service(retired_at=NOON)},
    }
    meant = {name: known[value][name] if name in {"service", "component"} else value for name, value in said.items()}
    if "mode" in meant:
        meant["mode"] = FailureMode.objects.get(code=meant["mode"])
    with pytest.raises(Invalid) as caught:
        ruling.make(book, Wanted(**{"conditions": ASKED, **meant}), by=editor, now=NOON)
    assert caught.value.field == field
    assert not AlertRule.objects.exists()


def test_a_list_has_an_end(editor: Person, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruling, "MOST", 3)
    three(service, editor)
    with pytest.raises(Invalid, match="at most 3"):
        ruling.make("subject", Wanted(ASKED, service=service), by=editor, now=NOON)
