"""From open to closed and back, and what alerts may do on the way; what the database holds of it by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from incidents.postmortems import drafting
from incidents.postmortems.models import Postmortem
from incidents.response import anchors, blaming, closing, impacts, lifecycle, merging
from incidents.response.impacts import Impact
from incidents.response.locking import NotOpen, NotResolved
from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import states
from incidents.response.vocabulary import BLAME_NOT_KNOWN, State
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from web.errors import Invalid

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def kinds(incident: Incident) -> list[str]:
    return list(TimelineRow.objects.filter(incident=incident).order_by("pk").values_list("kind", flat=True))


def test_from_open_to_closed_and_back() -> None:
    maya = make.person("Maya")
    incident = make.incident(by=maya)
    assert fresh(incident).state == "open"
    lifecycle.acknowledge(incident, by=maya, now=NOON + MINUTE)
    assert fresh(incident).state == "acknowledged"
    lifecycle.mitigate(incident, by=maya, now=NOON + 10 * MINUTE)
    assert fresh(incident).state == "mitigated"
    lifecycle.resolve(incident, by=maya, now=NOON + HOUR)
    assert fresh(incident).state == "resolved"
    drafting.waive(incident, reason="A drill.", by=maya, now=NOON + 2 * HOUR)
    closed = fresh(incident)
    assert (closed.state, closed.closed_at, closed.closed_by) == ("closed", NOON + 2 * HOUR, maya)
    lifecycle.reopen(incident, reason="Back.", by=maya, now=NOON + 3 * HOUR)
    again = fresh(incident)
    assert (again.state, again.mitigated_at, again.resolved_at, again.closed_at) == ("acknowledged", None, None, None)
    assert "it was closed; Back." in TimelineRow.objects.get(incident=incident, kind="reopened").text


def test_the_condition_of_a_state_is_what_the_row_says() -> None:
    maya = make.person()
    made = {"open": make.incident(by=maya)}
    made["acknowledged"] = lifecycle.acknowledge(make.incident(by=maya), by=maya, now=NOON)
    made["mitigated"] = lifecycle.mitigate(make.incident(by=maya), by=maya, now=NOON)
    made["resolved"] = lifecycle.resolve(make.incident(by=maya), by=maya, now=NOON)
    mitigated = lifecycle.mitigate(make.incident(by=maya), by=maya, now=NOON)
    lifecycle.resolve(mitigated, by=maya, now=NOON)
    made["closed"] = drafting.waive(mitigated, reason="x", by=maya, now=NOON)
    made["merged"] = make.incident(by=maya)
    merging.merge(made["merged"], into=made["open"], by=maya, now=NOON)
    for state in State.values:
        found = Incident.objects.filter(states.clause(state))
        assert [one.pk for one in found] == [made[state].pk]
        assert found.get().state == state


def test_mitigating_is_taking_it_and_twice_is_once() -> None:
    declarer, maya = make.person(), make.person("Maya")
    incident = make.incident(by=declarer)
    lifecycle.mitigate(incident, by=maya, now=NOON + HOUR, at=NOON + MINUTE)
    lifecycle.mitigate(incident, by=declarer, now=NOON + 2 * HOUR)
    found = fresh(incident)
    assert (found.mitigated_at, found.mitigated_by, found.acknowledged_by, found.ball) == (
        NOON + MINUTE, maya, maya, maya,
    )  # fmt: skip
    assert kinds(incident) == ["declared", "acknowledged", "mitigated"]


def test_mitigating_refuses_what_cannot_be() -> None:
    maya = make.person()
    incident = make.incident(by=maya, began=Impact("exact", NOON - HOUR))
    with pytest.raises(Invalid) as refused:
        lifecycle.mitigate(incident, by=maya, now=NOON, at=NOON - 2 * HOUR)
    assert refused.value.field == "mitigated_at"
    with pytest.raises(Invalid):
        lifecycle.mitigate(incident, by=maya, now=NOON, at=NOON + MINUTE)
    lifecycle.mitigate(incident, by=maya, now=NOON + HOUR)
    with pytest.raises(Invalid, match="mitigated"):
        lifecycle.resolve(incident, by=maya, now=NOON + HOUR, at=NOON + MINUTE)
    lifecycle.resolve(incident, by=maya, now=NOON + HOUR)
    with pytest.raises(NotOpen):
        lifecycle.mitigate(incident, by=maya, now=NOON + HOUR)


def test_closing_waits_for_the_review() -> None:
    maya = make.person()
    incident = make.incident(by=maya)
    with pytest.raises(NotResolved):
        closing.close(incident, by=maya, now=NOON)
    lifecycle.resolve(incident, by=maya, now=NOON)
    with pytest.raises(closing.NotReviewed, match="say why it needs none"):
        closing.close(incident, by=maya, now=NOON)
    drafting.waive(incident, reason="A drill.", by=maya, now=NOON)
    lifecycle.reopen(incident, reason="Not yet.", by=maya, now=NOON)
    lifecycle.resolve(incident, by=maya, now=NOON)
    assert fresh(incident).state == "resolved"
    assert closing.close(incident, by=maya, now=NOON + HOUR).state == "closed"
    closing.close(incident, by=make.person(), now=NOON + 2 * HOUR)
    assert fresh(incident).closed_at == NOON + HOUR
    assert kinds(incident).count("closed") == 2


def test_publishing_closes_and_says_why() -> None:
    postmortem = review.published()
    incident = fresh(postmortem.incident)
    assert (incident.state, incident.closed_by) == ("closed", postmortem.author)
    assert "published" in TimelineRow.objects.get(incident=incident, kind="closed").why


def test_a_postmortem_begun_after_all_opens_the_review_again() -> None:
    maya = make.person()
    incident = review.resolved(by=maya)
    drafting.waive(incident, reason="Small.", by=maya, now=NOON + 2 * HOUR)
    drafting.start(incident, by=maya, now=NOON + 3 * HOUR)
    assert fresh(incident).state == "resolved"
    assert Postmortem.objects.get().published_at is None


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"mitigated_at": NOON}, "incident_mitigated_pair"),
        ({"closed_at": NOON}, "incident_closed_pair"),
        ({"times_checked_at": NOON}, "incident_check_pair"),
        ({"blame_unknown_at": NOON}, "incident_blame_unknown_pair"),
        ({"type": "weather"}, "incident_type_known"),
    ],
)
def test_pairs_and_lists_are_held_by_the_database(values: dict[str, object], name: str) -> None:
    incident = make.incident()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(**values)


def test_the_order_of_times_is_held_by_the_database() -> None:
    maya = make.person()
    incident = make.incident(by=maya, began=Impact("exact", NOON - HOUR))
    rows = Incident.objects.filter(pk=incident.pk)
    with pytest.raises(IntegrityError, match="incident_impact_before_mitigated"), transaction.atomic():
        rows.update(mitigated_at=NOON - 2 * HOUR, mitigated_by=maya)
    with pytest.raises(IntegrityError, match="incident_resolved_before_closed"), transaction.atomic():
        rows.update(closed_at=NOON, closed_by=maya)
    lifecycle.mitigate(incident, by=maya, now=NOON + HOUR)
    with pytest.raises(IntegrityError, match="incident_mitigated_before_resolved"), transaction.atomic():
        rows.update(resolved_at=NOON, resolved_by=maya, resolved_how="person")


# ---- first blame ----


def test_not_known_yet_is_an_answer_that_leaves_room_for_a_layer() -> None:
    maya, tomas = make.person(), make.person()
    never = make.incident()
    assert (never.blamed, never.blame_unknown_at) == ("", None)
    incident = make.incident()
    lifecycle.acknowledge(incident, by=maya, now=NOON + MINUTE, first_blame=BLAME_NOT_KNOWN)
    said = fresh(incident)
    assert (said.first_blame, said.blamed, said.blame_unknown_by) == ("", "unknown", maya)
    blaming.blame(incident, layer=BLAME_NOT_KNOWN, by=tomas, now=NOON + 2 * MINUTE)
    blaming.blame(incident, layer="data", by=tomas, now=NOON + HOUR)
    blaming.blame(incident, layer=BLAME_NOT_KNOWN, by=tomas, now=NOON + HOUR)
    after = fresh(incident)
    assert (after.blamed, after.first_blamed_by, after.blame_unknown_at) == ("data", tomas, NOON + MINUTE)
    assert kinds(incident) == ["declared", "acknowledged", "first_blame", "first_blame"]


def test_the_first_answer_is_frozen_by_the_database() -> None:
    maya = make.person()
    incident = make.incident(by=maya, first_blame=BLAME_NOT_KNOWN)
    rows = Incident.objects.filter(pk=incident.pk)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        rows.update(blame_unknown_at=NOON + HOUR)
    named = make.incident(by=maya, first_blame="data")
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Incident.objects.filter(pk=named.pk).update(blame_unknown_at=NOON, blame_unknown_by=maya)


# ---- type ----


def test_the_type_is_said_and_changed_with_a_row() -> None:
    maya = make.person()
    incident = make.incident(by=maya, of_type="quality")
    impacts.set_type(incident, of_type="over_blocking", by=maya, now=NOON)
    impacts.set_type(incident, of_type="over_blocking", by=maya, now=NOON)
    assert fresh(incident).type == "over_blocking"
    assert TimelineRow.objects.get(incident=incident, kind="type").text == "Quality → Over-blocking"


def test_alerts_end_it_no_earlier_than_people_said_that_it_was_mitigated() -> None:
    maya = make.person()
    incident = lifecycle.mitigate(make.incident(by=maya), by=maya, now=NOON + HOUR)
    with transaction.atomic():
        closing.by_alerts([closing.Verdict(incident, NOON + MINUTE, "all quiet")], now=NOON + 2 * HOUR)
    found = fresh(incident)
    assert (found.resolved_at, found.resolved_how) == (NOON + HOUR, "alerts")
    assert anchors.of(found).mitigated_at == NOON + HOUR
