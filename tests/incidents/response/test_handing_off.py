"""The ball goes from one to the other: each transfer is a row, and answering for the service stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from incidents.response import handing_off, lifecycle
from incidents.response.locking import NotOpen
from incidents.response.models import HandOff, Incident, TimelineRow
from incidents.response.queries import handoffs
from ownership.models import Assignment, Notice, Person
from tests import factories as make
from tests.factories import NOON
from web.errors import Invalid

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def maya() -> Person:
    return make.person("Maya")


@pytest.fixture
def priya() -> Person:
    return make.person("Priya")


@pytest.fixture
def incident(maya: Person) -> Incident:
    return make.incident("Slow answers", by=maya, service=make.service(owner=make.person("Owner")))


def passes(incident: Incident) -> list[tuple[str | None, str, str]]:
    rows = HandOff.objects.filter(incident=incident).order_by("pk").select_related("held_by", "to")
    return [(row.held_by.name if row.held_by else None, row.to.name, row.reason) for row in rows]


def test_declaring_and_acknowledging_are_transfers_too(incident: Incident, maya: Person, priya: Person) -> None:
    lifecycle.acknowledge(incident, by=maya, now=NOON + MINUTE)
    assert passes(incident) == [(None, "Maya", "declared it")]
    other = make.incident(by=maya)
    lifecycle.acknowledge(other, by=priya, now=NOON + MINUTE)
    assert passes(other) == [(None, "Maya", "declared it"), ("Maya", "Priya", "acknowledged it")]


def test_giving_tells_the_receiver_and_leaves_the_owner(incident: Incident, maya: Person, priya: Person) -> None:
    owned = list(Assignment.objects.values())
    chain = incident.chain
    handing_off.give(incident, to=priya, reason=" night  shift ", by=maya, now=NOON + MINUTE)
    incident.refresh_from_db()
    assert (incident.ball, incident.chain) == (priya, chain)
    assert list(Assignment.objects.values()) == owned
    assert passes(incident)[-1] == ("Maya", "Priya", "night shift")
    said = Notice.objects.get(person=priya)
    assert (said.kind, said.urgent, said.path) == ("given", False, f"/incidents/{incident.pk}/")
    assert "night shift" in said.text
    row = TimelineRow.objects.get(incident=incident, kind="handed_off")
    assert (row.text, row.why, row.by) == ("Maya → Priya", "night shift", maya)


def test_what_is_bad_breaks_quiet_hours(maya: Person, priya: Person) -> None:
    incident = make.incident(by=maya, severity="sev1")
    handing_off.give(incident, to=priya, reason="you know it", by=maya, now=NOON)
    assert Notice.objects.get(person=priya).urgent


def test_taking_it_is_told_to_nobody_and_twice_is_once(incident: Incident, priya: Person) -> None:
    handing_off.take(incident, by=priya, now=NOON)
    handing_off.take(incident, by=priya, now=NOON + MINUTE)
    assert passes(incident)[1:] == [("Maya", "Priya", "took it")]
    assert not Notice.objects.exists()


def test_what_cannot_be_given(incident: Incident, maya: Person, priya: Person) -> None:
    def refused(to: Person, reason: str = "x") -> str | None:
        with pytest.raises((Invalid, handing_off.HasIt)) as caught:
            handing_off.give(incident, to=to, reason=reason, by=maya, now=NOON)
        return caught.value.field

    assert refused(priya, "  ") == "reason"
    assert refused(make.person(role="viewer")) == "to"
    assert refused(make.person(is_active=False)) == "to"
    assert refused(maya) == "to"
    lifecycle.resolve(incident, by=maya, now=NOON)
    for act in (
        lambda: handing_off.give(incident, to=priya, reason="x", by=maya, now=NOON),
        lambda: handing_off.take(incident, by=priya, now=NOON),
    ):
        with pytest.raises(NotOpen):
            act()
    assert len(passes(incident)) == 1


def test_to_and_fro_is_seen(incident: Incident, maya: Person, priya: Person) -> None:
    tomas = make.person("Tomás")
    for step, to in enumerate((priya, maya, priya, tomas, maya, tomas)):
        by = Incident.objects.select_related("ball").get(pk=incident.pk).ball or maya
        handing_off.give(incident, to=to, reason="yours", by=by, now=NOON + step * MINUTE)
    found = handoffs.of(incident)
    assert (found.count, found.more) == (6, False)
    assert list(found.rounds) == ["Maya → Priya → Maya → Priya", "Tomás → Maya → Tomás"]


def test_a_straight_line_is_no_to_and_fro(incident: Incident, maya: Person, priya: Person) -> None:
    handing_off.give(incident, to=priya, reason="yours", by=maya, now=NOON)
    handing_off.give(incident, to=make.person(), reason="yours", by=priya, now=NOON + MINUTE)
    assert list(handoffs.of(incident).rounds) == []


def test_rows_stay(incident: Incident) -> None:
    for change in (lambda rows: rows.update(reason="other"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change(HandOff.objects.filter(incident=incident))


def test_nobody_hands_to_themselves(incident: Incident, maya: Person) -> None:
    with pytest.raises(IntegrityError, match="handoff_goes_elsewhere"), transaction.atomic():
        HandOff.objects.create(incident=incident, held_by=maya, to=maya, reason="x", by=maya)
