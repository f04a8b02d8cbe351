"""Each rule of the worklist: where it says something, and where it is silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ownership import waiving
from ownership.models import Assignment, Component, Confirmation, Dependency, Person, Service, Team, Waiver
from ownership.queries import coverage, cures, gaps
from ownership.queries.gaps import Asked
from ownership.queries.rules import KEYS
from ownership.queries.states import State
from ownership.vocabulary import AssignmentRole
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def own(
    subject: Service | Component | Dependency, party: Person | Team, *, by: Person | None = None, **fields: Any
) -> Assignment:
    """The party took it itself a week ago; a team by one of its members. With `by`, somebody else put it down."""
    column = {Service: "service", Component: "component", Dependency: "dependency"}[type(subject)]
    itself = party if isinstance(party, Person) else party.members.first()
    fields = {"role": AssignmentRole.ACCOUNTABLE, "during": (NOON - 7 * DAY, None), "made_by": by or itself} | fields
    if isinstance(party, Team):
        fields.setdefault("answering", itself)
    made = Assignment.objects.create(
        **{column: subject, "person" if isinstance(party, Person) else "team": party},
        known_from=NOON - 7 * DAY,
        **fields,
    )
    if by is None and itself is not None:
        Confirmation.objects.create(assignment=made, by=itself, at=NOON - 7 * DAY)
    return made


def whole() -> Service:
    """A service without any gap: owner, deputy, and two parts of one team with a data seam between them."""
    owner, deputy = make.person("Priya"), make.person("Jonas")
    team = make.team("Answers team", owner, deputy)
    service = make.service("Support answers", tier="t1")
    own(service, owner)
    own(service, deputy, role=AssignmentRole.DEPUTY)
    reader = make.component("Retriever", of=service, custodian=team)
    data = make.component("Articles", of=service, custodian=team, kind="dataset")
    Dependency.objects.create(
        upstream=reader, downstream=data, kind="data", contract_url="https://example.org/c", unit="UTF-8",
        freshness_minutes=60,
    )  # fmt: skip
    return service


def found(**asked: Any) -> list[tuple[str, str]]:
    """Rule and name of each gap in the order of the list."""
    return [(gap.rule.key, gap.name) for gap in gaps.listed(Asked(**asked), at=NOON).rows]


def test_a_whole_service_has_no_gap() -> None:
    whole()
    assert found() == []


def _vacate(service: Service) -> None:
    Person.objects.filter(name="Priya").update(is_active=False)


def _drop(role: str) -> Callable[[Service], None]:
    def drop(service: Service) -> None:
        Confirmation.objects.filter(assignment__role=role).delete()
        Assignment.objects.filter(role=role).delete()

    return drop


def _stale(service: Service) -> None:
    Confirmation.objects.update(at=NOON - 91 * DAY)


def _hand_to_team(service: Service) -> None:
    _drop("accountable")(service)
    own(service, Team.objects.get(), answering=None)


def _name_who_left(role: str) -> Callable[[Service], Any]:
    def name(service: Service) -> None:
        team, gone = Team.objects.get(), make.person("Gone", is_active=False)
        Assignment.objects.filter(role=role).update(person=None, team=team, answering=gone)

    return name


def _leave_team(role: str) -> Callable[[Service], Any]:
    def leave(service: Service) -> None:
        team, outsider = Team.objects.get(), make.person("Outsider")
        Assignment.objects.filter(role=role).update(person=None, team=team, answering=outsider)

    return leave


def _split(**fields: Any) -> Callable[[Service], Any]:
    def split(service: Service) -> None:
        Component.objects.filter(name="Articles").update(custodian=make.team("Data team"))
        if fields:
            own(Dependency.objects.get(), Person.objects.get(name="Priya"))

    return split


def _seam(**fields: Any) -> Callable[[Service], Any]:
    return lambda service: Dependency.objects.update(**fields)


def _archetype(service: Service) -> None:
    Service.objects.update(archetype="scoring")


SEAM, PART = "Retriever → Articles", "Articles"
SAYS: list[tuple[str, Callable[[Service], Any], list[tuple[str, str]]]] = [
    ("no owner", _drop("accountable"), [("no_owner", "Support answers")]),
    ("owner left", _vacate, [("owner_gone", "Support answers")]),
    ("named by another", lambda s: Confirmation.objects.all().delete(), [("not_accepted", "Support answers")]),
    ("said long ago", _stale, [("stale", "Support answers")]),
    ("no deputy", _drop("deputy"), [("no_deputy", "Support answers")]),
    (
        "deputy left",
        lambda s: Person.objects.filter(name="Jonas").update(is_active=False),
        [("no_deputy", "Support answers")],
    ),
    ("team names nobody", _hand_to_team, [("no_answering", "Support answers")]),
    ("team names who left", _name_who_left("accountable"), [("no_answering", "Support answers")]),
    ("deputy team names who left", _name_who_left("deputy"), [("no_answering", "Support answers")]),
    ("team names an outsider", _leave_team("accountable"), [("no_answering", "Support answers")]),
    ("deputy team names an outsider", _leave_team("deputy"), [("no_answering", "Support answers")]),
    ("in no service", lambda s: make.component("Cache", custodian=Team.objects.get()), [("no_service", "Cache")]),
    (
        "only in a retired service",
        lambda s: make.component("Cache", of=make.service(retired_at=NOON), custodian=Team.objects.get()),
        [("no_service", "Cache")],
    ),
    ("no custodian", lambda s: make.component("Cache", of=s), [("no_custodian", "Cache")]),
    ("two half-owners", _split(), [("half_owned", SEAM)]),
    ("no contract", _seam(contract_url=""), [("no_contract", SEAM)]),
    ("no unit", _seam(unit=""), [("no_unit", SEAM)]),
    ("no freshness", _seam(freshness_minutes=None), [("no_freshness", SEAM)]),
    ("parts missing", _archetype, [("missing_part", "Support answers")] * 3),
]
SILENT: list[tuple[str, Callable[[Service], Any]]] = [
    ("a seam of two teams with an owner of its own", _split(owned=True)),
    ("a call needs no contract", _seam(kind="call", contract_url="", unit="", freshness_minutes=None)),
    (
        "the old word was confirmed",
        lambda s: (
            _stale(s),
            Confirmation.objects.create(
                assignment=Assignment.objects.get(role="accountable"), by=Person.objects.get(name="Priya"), at=NOON
            ),
        ),
    ),
    ("a retired service", lambda s: make.service(retired_at=NOON)),
    ("a retired component", lambda s: make.component(retired_at=NOON)),
    (
        "a custodian by assignment",
        lambda s: own(make.component("Cache", of=s), Person.objects.get(name="Priya"), role="custodian"),
    ),
]


@pytest.mark.parametrize(("what", "happens", "expected"), SAYS, ids=[one[0] for one in SAYS])
def test_what_a_rule_says(what: str, happens: Callable[[Service], Any], expected: list[tuple[str, str]]) -> None:
    happens(whole())
    assert found() == expected


@pytest.mark.parametrize(("what", "happens"), SILENT, ids=[one[0] for one in SILENT])
def test_where_the_rules_are_silent(what: str, happens: Callable[[Service], Any]) -> None:
    happens(whole())
    assert found() == []


@pytest.mark.parametrize(
    ("role", "words"),
    [("accountable", "Team names somebody who left"), ("deputy", "Deputy team names somebody who left")],
)
def test_a_team_that_names_who_left_is_told_apart_from_one_that_names_nobody(role: str, words: str) -> None:
    _name_who_left(role)(whole())
    gap = gaps.listed(at=NOON).rows[0]
    assert (gap.what, gap.missing_kind) == (words, "")
    assert "no longer here" in gap.sentence


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("accountable", "Team names somebody who is not in it"),
        ("deputy", "Deputy team names somebody who is not in it"),
    ],
)
def test_so_is_a_team_that_names_an_outsider(role: str, words: str) -> None:
    _leave_team(role)(whole())
    gap = gaps.listed(at=NOON).rows[0]
    assert (gap.what, gap.missing_kind) == (words, "")
    assert "in the team no more" in gap.sentence


def test_what_is_waived_and_answered_for_is_not_silent() -> None:
    service = whole()
    _drop("deputy")(service)
    Waiver.objects.create(service=service, reason="Ends soon.")
    assert found() == [("no_deputy", "Support answers")]
    assert coverage.states(at=NOON)["service"][service.pk] == State.ACCEPTED


def test_every_rule_is_tried() -> None:
    assert {rule for _, _, said in SAYS for rule, _ in said} == set(KEYS)


def test_which_parts_are_missing_is_said() -> None:
    service = whole()
    _archetype(service)
    assert sorted(gap.what for gap in gaps.listed(at=NOON).rows) == [
        "No eval suite", "No feature pipeline", "No model endpoint",
    ]  # fmt: skip
    make.component("Scorer", kind="model", of=service, custodian=Team.objects.get())
    assert "No model endpoint" not in [gap.what for gap in gaps.listed(at=NOON).rows]


def test_while_unowned_on_purpose_nobody_has_to_answer_and_the_rest_still_counts() -> None:
    service = make.service("Old bot", archetype="scoring")
    alone = make.component("Cache")
    by = make.person()
    assert {rule for rule, _ in found()} == {"no_owner", "no_deputy", "missing_part", "no_service", "no_custodian"}
    for subject in (service, alone):
        waiving.waive(subject, reason="Ends soon.", by=by, now=NOON)
    assert {rule for rule, _ in found()} == {"missing_part"}


def test_the_highest_tier_comes_first_then_the_worst_rule_and_pages_follow_each_other() -> None:
    for tier in ("t3", "t1", "t2"):
        make.service(f"Service {tier}", tier=tier)
    make.component("Alone")
    expected = [
        ("no_owner", "Service t1"), ("no_deputy", "Service t1"), ("no_owner", "Service t2"),
        ("no_deputy", "Service t2"), ("no_owner", "Service t3"), ("no_deputy", "Service t3"),
        ("no_service", "Alone"), ("no_custodian", "Alone"),
    ]  # fmt: skip
    assert found() == expected
    seen, after = [], None
    for _ in range(len(expected)):
        shown = gaps.listed(at=NOON, after=after, size=3)
        seen += [(gap.rule.key, gap.name) for gap in shown.rows]
        after = shown.following
        if after is None:
            break
    assert seen == expected
    assert found()[:1] == [
        (gap.rule.key, gap.name) for gap in gaps.listed(at=NOON, after="made up", size=1).rows
    ]  # a cursor of somebody's own making starts from the beginning


def test_filters_narrow_the_list_and_the_counts_alike() -> None:
    mate = make.person()
    team = make.team("Search", mate)
    mine, other = make.service("Mine", tier="t1", owner=mate), make.service("Other", tier="t2")
    make.component("Index", of=mine, custodian=team)
    make.component("Queue", of=other)
    for asked, names in (
        ({"tier": "t2"}, {"Other", "Queue"}),
        ({"service_id": mine.pk}, {"Mine"}),
        ({"service_id": other.pk}, {"Other", "Queue"}),
        ({"team_id": team.pk}, {"Mine"}),
        ({"person_id": mate.pk}, {"Mine"}),
        ({"rule": "no_owner"}, {"Other"}),
        ({"person_id": make.person().pk}, set()),
    ):
        shown = found(**asked)
        assert {name for _, name in shown} == names, asked
        counts = gaps.counted(Asked(**asked), at=NOON)
        assert list(counts) == list(KEYS)
        assert sum(counts.values()) == len(shown)


def test_the_picture_counts_a_shared_part_with_each_service_and_sums_up_the_rest() -> None:
    first, second = make.service("First", tier="t1"), make.service("Second", tier="t2")
    shared = make.component("Shared", of=first)
    second.components.add(shared)
    lines = gaps.by_service(at=NOON, limit=1)
    each = {"no_owner": 1, "no_deputy": 1, "no_custodian": 1}
    assert [(line.name, line.by_rule, line.services) for line in lines] == [("First", each, 1), ("", each, 1)]


def test_every_gap_leads_to_a_page() -> None:
    service = whole()
    _split()(service)
    _seam(contract_url="")(service)
    _archetype(service)
    make.component("Alone")
    for gap in gaps.listed(at=NOON).rows:
        assert cures.page_of(gap).startswith("/")
        assert cures.cure_of(gap).startswith("/")
