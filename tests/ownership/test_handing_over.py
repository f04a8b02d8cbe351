"""Handing over: what each act does, what it refuses, and what the database itself holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ownership import assigning, handing_over
from ownership.assigning import AlreadyHolds
from ownership.models import Assignment, Dependency, Handover, Person, Service
from ownership.queries import owners
from ownership.tasks import expire_handovers
from tests import factories as make
from tests.factories import NOON
from tests.ownership.proposals import proposal
from web import registry
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def priya(db: None) -> Person:
    return make.person("Priya")


@pytest.fixture
def tomas(db: None) -> Person:
    return make.person("Tomás")


@pytest.fixture
def service(priya: Person) -> Service:
    return make.service("Support answers", owner=priya)


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What listeners of owner_changed heard."""
    heard: list[dict[str, Any]] = []

    def listener(**facts: Any) -> None:
        heard.append(facts)

    registry.listen("owner_changed", listener)
    yield heard
    registry._listeners["owner_changed"].remove(listener)


def owner_at(service: Service, at: datetime, *, known_at: datetime | None = None) -> str | None:
    holding = owners.of_services([service.pk], at=at, known_at=known_at)[service.pk].accountable
    return str(holding.party) if holding else None


# ---- propose ----


def test_a_proposal_changes_nothing_yet(service: Service, priya: Person, tomas: Person, told: list[Any]) -> None:
    made = handing_over.propose(subject=service, to=tomas, by=priya, now=NOON, note="  I change teams. ")
    assert (made.state, made.subject, made.to, made.note) == ("proposed", service, tomas, "I change teams.")
    assert (made.effective_at, made.proposed_by, made.expires_at) == (None, priya, NOON + handing_over.LASTS)
    assert made.from_assignment.party == priya
    assert owner_at(service, NOON + DAY) == "Priya"
    assert told == []


def test_only_one_proposal_is_open_at_a_time(service: Service, priya: Person, tomas: Person) -> None:
    first = proposal(tomas, subject=service, by=priya)
    with pytest.raises(ConstraintBroken) as refused:
        proposal(make.person(), subject=service, by=priya)
    assert refused.value.code == "handover_open"
    handing_over.withdraw(first, by=priya, now=NOON)
    assert proposal(tomas, subject=service, by=priya).state == "proposed"


def test_a_lapsed_proposal_makes_room_for_the_next(service: Service, priya: Person, tomas: Person) -> None:
    first = proposal(tomas, subject=service, by=priya)
    proposal(tomas, subject=service, by=priya, now=first.expires_at)
    first.refresh_from_db()
    assert (first.state, first.decided_at, first.decided_by) == ("expired", first.expires_at, None)


def test_what_nobody_answers_for_cannot_be_handed_over(priya: Person, tomas: Person) -> None:
    with pytest.raises(handing_over.NobodyAnswers):
        proposal(tomas, subject=make.service(), by=priya)


def test_nobody_hands_over_to_themselves_or_to_somebody_gone(service: Service, priya: Person) -> None:
    with pytest.raises(AlreadyHolds) as refused:
        proposal(priya, subject=service, by=priya)
    assert refused.value.field == "to"
    with pytest.raises(Invalid, match="no longer here"):
        proposal(make.person(is_active=False), subject=service, by=priya)
    assert not Handover.objects.exists()


def test_a_time_before_the_owner_began_is_no_hand_over(service: Service, priya: Person, tomas: Person) -> None:
    with pytest.raises(Invalid, match="answers for it since 2026-09-21") as refused:
        proposal(tomas, subject=service, by=priya, effective_at=NOON - 61 * DAY)
    assert refused.value.field == "effective_at"


def test_what_ends_already_is_not_handed_over_twice(service: Service, priya: Person, tomas: Person) -> None:
    handing_over.accept(proposal(tomas, subject=service, by=priya, effective_at=NOON + DAY), by=tomas, now=NOON)
    with pytest.raises(handing_over.EndsAlready):
        proposal(make.person(), subject=service, by=priya)


# ---- accept ----


@pytest.mark.parametrize("days", [-3, 0, 5], ids=["backdated", "at once", "ahead"])
def test_accepted_the_one_begins_when_the_other_ends(
    service: Service, priya: Person, tomas: Person, told: list[Any], days: int
) -> None:
    at = NOON + days * DAY
    asked = proposal(tomas, subject=service, by=priya, effective_at=at)
    accepted = handing_over.accept(asked, by=tomas, now=NOON + timedelta(hours=1))
    assert (accepted.state, accepted.decided_by, accepted.effective_at) == ("accepted", tomas, at)
    assert owner_at(service, at - timedelta(microseconds=1)) == "Priya"
    assert owner_at(service, at) == "Tomás"
    assert owner_at(service, at, known_at=NOON) == "Priya"  # as known before it was accepted
    assert [(one["service_id"], one["before"], one["after"], one["at"], one["by"]) for one in told] == [
        (service.pk, priya, tomas, at, tomas)
    ]


def test_without_a_time_it_counts_from_the_moment_of_yes(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    accepted = handing_over.accept(asked, by=tomas, now=NOON + 2 * DAY)
    assert accepted.effective_at == NOON + 2 * DAY
    assert owner_at(service, NOON + DAY) == "Priya"
    assert owner_at(service, NOON + 2 * DAY) == "Tomás"


def test_components_and_seams_are_handed_over_too(priya: Person) -> None:
    component, team = make.component(), make.team()
    seam = Dependency.objects.create(upstream=component, downstream=make.component())
    for subject in (component, seam):
        assigning.assign(subject=subject, role="accountable", party=priya, since=NOON - DAY, by=priya, now=NOON)
        handing_over.accept(proposal(team, subject=subject, by=priya), by=priya, now=NOON)
        current = handing_over.accountable_row(subject, at=NOON)
        assert current is not None
        assert current.party == team


@pytest.mark.parametrize("verb", ["accept", "decline", "withdraw"])
def test_what_is_decided_stays_so(service: Service, priya: Person, tomas: Person, verb: str) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    handing_over.accept(asked, by=tomas, now=NOON)
    more = {"reason": "No."} if verb == "decline" else {}
    with pytest.raises(handing_over.Decided, match="accepted already"):
        getattr(handing_over, verb)(asked, by=tomas, now=NOON, **more)


def test_an_expired_proposal_cannot_be_accepted(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    with pytest.raises(handing_over.Expired):
        handing_over.accept(asked, by=tomas, now=asked.expires_at)
    assert owner_at(service, asked.expires_at) == "Priya"


def test_nothing_is_accepted_for_somebody_gone(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    Person.objects.filter(pk=tomas.pk).update(is_active=False)
    with pytest.raises(Invalid, match="no longer here"):
        handing_over.accept(asked, by=make.person(role="admin"), now=NOON)
    asked.refresh_from_db()
    assert asked.state == "proposed"


def test_a_listener_that_refuses_undoes_the_hand_over(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)

    def refuse(**facts: Any) -> None:
        raise Invalid("not now")

    registry.listen("owner_changed", refuse)
    try:
        with pytest.raises(Invalid, match="not now"):
            handing_over.accept(asked, by=tomas, now=NOON)
    finally:
        registry._listeners["owner_changed"].remove(refuse)
    asked.refresh_from_db()
    assert (asked.state, owner_at(service, NOON)) == ("proposed", "Priya")


# ---- what happens to the owner meanwhile ----


def test_an_owner_named_otherwise_closes_the_proposal(service: Service, priya: Person, tomas: Person) -> None:
    asked, editor = proposal(tomas, subject=service, by=priya), make.person(role="editor")
    other = proposal()
    assigning.replace(asked.from_assignment, party=make.person(), at=NOON, by=editor, now=NOON)
    asked.refresh_from_db()
    other.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.reason) == ("withdrawn", editor, handing_over.OVERTAKEN)
    assert other.state == "proposed"


def test_an_owner_who_ends_closes_the_proposal(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    assigning.end(asked.from_assignment, at=NOON, by=priya, now=NOON)
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_a_corrected_begin_leaves_the_proposal_open(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    assigning.correct(asked.from_assignment, party=priya, since=NOON - 10 * DAY, by=priya, now=NOON)
    handing_over.accept(asked, by=tomas, now=NOON + DAY)
    assert owner_at(service, NOON + DAY) == "Tomás"


def test_a_begin_corrected_past_the_hand_over_refuses_it(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya, effective_at=NOON - 5 * DAY)
    assigning.correct(asked.from_assignment, party=priya, since=NOON - 4 * DAY, by=priya, now=NOON)
    with pytest.raises(handing_over.Overtaken):
        handing_over.accept(asked, by=tomas, now=NOON)


def test_a_deputy_may_change_meanwhile(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    assigning.assign(subject=service, role="deputy", party=tomas, since=NOON, by=priya, now=NOON)
    asked.refresh_from_db()
    assert asked.state == "proposed"


# ---- decline, withdraw, expire ----


def test_who_declines_says_why(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    with pytest.raises(Invalid) as refused:
        handing_over.decline(asked, reason="  ", by=tomas, now=NOON)
    assert refused.value.field == "reason"
    declined = handing_over.decline(asked, reason=" On leave. ", by=tomas, now=NOON)
    assert (declined.state, declined.reason, declined.decided_by) == ("declined", "On leave.", tomas)
    assert owner_at(service, NOON + DAY) == "Priya"


def test_proposals_past_their_time_expire_once(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya)
    assert handing_over.expire(asked.expires_at - timedelta(seconds=1)) == 0
    assert asked.state_at(asked.expires_at) == "expired"
    Handover.objects.update(proposed_at=NOON - 30 * DAY, expires_at=NOON - 20 * DAY)
    asked.refresh_from_db()
    assert expire_handovers() == 1
    assert handing_over.expire(asked.expires_at) == 0
    with pytest.raises(handing_over.Expired):
        handing_over.withdraw(asked, by=priya, now=NOON)


# ---- what the database itself holds, whoever writes ----


def test_the_database_refuses_what_makes_no_sense(service: Service, priya: Person, tomas: Person) -> None:
    good = {
        "service": service, "from_assignment": Assignment.objects.get(), "to_person": tomas, "proposed_by": priya,
        "proposed_at": NOON, "expires_at": NOON + DAY,
    }  # fmt: skip
    decided = {"decided_at": NOON, "decided_by": tomas}
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("handover_one_subject", {"service": None}),
        ("handover_one_subject", {"component": make.component()}),
        ("handover_one_party", {"to_person": None}),
        ("handover_one_party", {"to_team": make.team()}),
        ("handover_state_known", {"state": "lost", **decided}),
        ("handover_decided", decided),
        ("handover_decided", {"state": "withdrawn"}),
        ("handover_decided", {"state": "withdrawn", "decided_at": NOON}),
        ("handover_decided", {"state": "expired", **decided}),
        ("handover_accepted_has_time", {"state": "accepted", **decided}),
        ("handover_declined_has_reason", {"state": "declined", **decided}),
        ("handover_expires_later", {"expires_at": NOON}),
    ]
    for name, fields in wrong:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Handover.objects.create(**{**good, **fields})
    Handover.objects.create(**good)
    with pytest.raises(IntegrityError, match="handover_one_open_service"), transaction.atomic():
        Handover.objects.create(**good)
    Handover.objects.create(**good, state="withdrawn", **decided)


def test_the_database_allows_one_open_proposal_of_a_component_or_seam(priya: Person, tomas: Person) -> None:
    component = make.component()
    seam = Dependency.objects.create(upstream=component, downstream=make.component())
    for column, subject in (("component", component), ("dependency", seam)):
        row = Assignment.objects.create(**{column: subject}, role="accountable", person=priya, during=(NOON, None))
        good = {
            column: subject, "from_assignment": row, "to_person": tomas, "proposed_by": priya,
            "proposed_at": NOON, "expires_at": NOON + DAY,
        }  # fmt: skip
        Handover.objects.create(**good)
        with pytest.raises(IntegrityError, match=f"handover_one_open_{column}"), transaction.atomic():
            Handover.objects.create(**good)
