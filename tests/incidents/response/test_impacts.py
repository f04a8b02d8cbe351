"""How far an incident went: partial, unknown where it is unknown, superseded and never overwritten."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.response import impacts
from incidents.response.impacts import Facts, Impact
from incidents.response.models import ImpactFacts, Incident, TimelineRow
from incidents.response.queries import impacts as reads
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PARTIAL = Facts(
    slice="EN tickets",
    share_from=Decimal(4),
    reproduced=9,
    tries=20,
    monitors_green="yes",
    prompt_version="v31",
    bad_count=1204,
)


@pytest.fixture
def maya() -> Person:
    return make.person("Maya")


@pytest.fixture
def incident(maya: Person) -> Incident:
    return make.incident(by=maya, began=Impact("minute", NOON - 130 * MINUTE))


def phrases(incident: Incident) -> list[str]:
    return reads.phrases(incident, reads.current(incident))


def test_at_a_glance(incident: Incident, maya: Person) -> None:
    impacts.state(incident, facts=PARTIAL, by=maya, now=NOON)
    assert phrases(incident) == [
        "4 % of EN tickets",
        "1,204 bad answers went out as fine",
        "9 of 20 tries showed it again",
        "2 h 10 green while wrong",
        "prompt v31",
    ]
    assert "4 % of EN tickets; 1,204" in TimelineRow.objects.get(incident=incident, kind="facts").text


def test_what_is_unknown_is_not_told(incident: Incident, maya: Person) -> None:
    assert phrases(incident) == []
    assert impacts.state(incident, facts=Facts(), by=maya, now=NOON) is None
    impacts.state(incident, facts=Facts(bad_count=0), by=maya, now=NOON)
    assert phrases(incident) == ["0 bad answers went out as fine"]
    impacts.state(incident, facts=Facts(slice="DE tickets", monitors_green="no"), by=maya, now=NOON + HOUR)
    assert phrases(incident) == ["DE tickets affected", "Shown by the monitors"]


@pytest.mark.parametrize(
    ("began", "told"),
    [
        (Impact(), "Green monitors, for how long is not known"),
        (Impact("between", NOON - 2 * HOUR, NOON - HOUR), "1 h 00 to 2 h 00 green while wrong"),
        (Impact("exact", NOON - 42 * timedelta(seconds=1)), "42 s green while wrong"),
    ],
)
def test_green_while_wrong_follows_from_the_times(maya: Person, began: Impact, told: str) -> None:
    incident = make.incident(by=maya, began=began)
    impacts.state(incident, facts=Facts(monitors_green="yes"), by=maya, now=NOON)
    assert phrases(incident) == [told]


def test_an_interval_of_a_share(incident: Incident, maya: Person) -> None:
    impacts.state(incident, facts=Facts(share_from=Decimal("2.5"), share_until=Decimal(10)), by=maya, now=NOON)
    assert phrases(incident) == ["2.5 to 10 % of the traffic"]


def test_a_correction_supersedes_and_the_same_again_does_nothing(incident: Incident, maya: Person) -> None:
    impacts.state(incident, facts=PARTIAL, by=maya, now=NOON)
    impacts.state(incident, facts=PARTIAL, by=make.person(), now=NOON + MINUTE)
    assert ImpactFacts.objects.count() == 1
    impacts.state(incident, facts=Facts(share_from=Decimal(6)), by=maya, now=NOON + HOUR)
    new, old = reads.history(incident)
    assert (old.share_from, old.known_from, old.superseded_at) == (Decimal(4), NOON, NOON + HOUR)
    assert (new.share_from, new.tries, new.superseded_at) == (Decimal(6), None, None)
    impacts.state(incident, facts=Facts(), by=maya, now=NOON + 2 * HOUR)
    assert phrases(incident) == []
    assert len(reads.history(incident)) == 3


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(share_from=Decimal(101)), "share_out_of_range"),
        (Facts(share_from=Decimal(5), share_until=Decimal(4)), "share_out_of_range"),
        (Facts(tries=3), "tries_incomplete"),
        (Facts(tries=3, reproduced=4), "tries_incomplete"),
        (Facts(tries=0, reproduced=0), "tries_incomplete"),
        (Facts(bad_count=-1), "count_negative"),
    ],
)
def test_the_database_refuses_what_cannot_be(incident: Incident, maya: Person, facts: Facts, code: str) -> None:
    with pytest.raises(ConstraintBroken) as refused:
        impacts.state(incident, facts=facts, by=maya, now=NOON)
    assert refused.value.code == code
    assert not ImpactFacts.objects.exists()


def test_what_was_said_cannot_be_changed_behind_the_act(incident: Incident, maya: Person) -> None:
    impacts.state(incident, facts=PARTIAL, by=maya, now=NOON)
    for change in (lambda rows: rows.update(bad_count=1), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="superseded"), transaction.atomic():
            change(ImpactFacts.objects.all())


# ---- two people at once ----


def test_what_was_written_on_other_facts_is_refused(incident: Incident, maya: Person) -> None:
    share, count = Facts(share_from=Decimal(4)), Facts(bad_count=12)
    impacts.state(incident, facts=share, by=maya, now=NOON, written_on="none")
    with pytest.raises(impacts.Changed):
        impacts.state(incident, facts=count, by=maya, now=NOON + MINUTE, written_on="none")
    assert phrases(incident) == ["4 % of the traffic"]
    impacts.state(incident, facts=share, by=maya, now=NOON + MINUTE, written_on="none")  # the same again
    seen = impacts.facts_stamp(reads.current(incident))
    impacts.state(incident, facts=count, by=maya, now=NOON + HOUR, written_on=seen)
    assert phrases(incident) == ["12 bad answers went out as fine"]


@pytest.mark.parametrize(
    "quicker", [{"impact": "all"}, {"detected_by": "vendor"}, {"of_type": "safety"}, {"began": Impact()}]
)
def test_what_was_written_on_another_impact_is_refused(
    incident: Incident, maya: Person, quicker: dict[str, Any]
) -> None:
    seen = impacts.stamp(incident)
    standing = {"impact": "", "detected_by": "", "began": impacts.start_of(incident), "by": maya, "now": NOON}
    impacts.set_impact(incident, **standing | quicker, written_on=seen)
    with pytest.raises(impacts.Changed):
        impacts.set_impact(incident, **standing | {"impact": "some"}, written_on=seen)
    impacts.set_impact(incident, **standing | quicker, written_on=seen)  # the same again
    now_is = Incident.objects.get(pk=incident.pk)
    impacts.set_impact(incident, **standing | {"impact": "some"}, written_on=impacts.stamp(now_is))
    assert Incident.objects.get(pk=incident.pk).impact == "some"


def test_an_edit_keeps_what_others_said_meanwhile(incident: Incident, maya: Person) -> None:
    """The row that the caller has read may be old by now."""
    old = Incident.objects.get(pk=incident.pk)
    impacts.edit(incident, said={"impact": "all users"}, by=maya, now=NOON)
    impacts.edit(old, said={"detected_by": "vendor", "severity": "no part of it"}, by=maya, now=NOON)
    found = Incident.objects.get(pk=incident.pk)
    assert (found.impact, found.detected_by, found.impact_precision) == ("all users", "vendor", "minute")
