"""Ownership gaps propose findings: only real ones, with their numbers; one click accepts, a reason declines."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.postmortems import proposing
from incidents.postmortems.models import DeclinedProposal, Postmortem
from incidents.postmortems.queries import proposals
from incidents.postmortems.queries.proposals import NO_OWNER, PING_PONG, STALE, Span, uncovered
from incidents.response import handing_off
from incidents.response.impacts import Impact
from incidents.response.models import Finding
from incidents.response.queries import dossier
from ownership import waiving
from ownership.models import Assignment, Confirmation, Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.visits import signed_in, url
from web.errors import Invalid

pytestmark = pytest.mark.django_db
LATER = review.LATER
BEGAN = NOON - timedelta(minutes=30)  # the impact of `review.resolved`; it ends an hour after NOON


def minutes(count: int) -> datetime:
    return BEGAN + timedelta(minutes=count)


def known(service: Service) -> Service:
    """In the catalogue since long before the incident."""
    Service.objects.filter(pk=service.pk).update(created_at=NOON - timedelta(days=200))
    return Service.objects.get(pk=service.pk)


def proposed(postmortem: Postmortem) -> dict[str, str]:
    found = dossier.current_findings(postmortem.incident)
    return {one.key: one.reason for one in proposals.of(postmortem, found, now=LATER)}


# ---- nobody is accountable ----


def test_a_gap_during_the_impact_is_proposed_with_its_minutes() -> None:
    service = known(make.service("Support answers"))
    make.assignment(service, make.person(), until=minutes(10))
    make.assignment(service, make.person(), since=minutes(53))
    reason = proposed(review.draft(service=service))
    assert reason == {NO_OWNER: "Nobody was accountable for Support answers for 43 min of 1 h 30 of impact."}


def test_a_hand_over_during_the_incident_is_no_gap() -> None:
    service = known(make.service())
    make.assignment(service, make.person(), until=minutes(20))
    make.assignment(service, make.person(), since=minutes(20))
    assert proposed(review.draft(service=service)) == {}


def test_a_gap_that_ended_before_the_impact_is_not_proposed() -> None:
    service = known(make.service())
    make.assignment(service, make.person(), until=minutes(-60))
    make.assignment(service, make.person(), since=minutes(0))
    assert proposed(review.draft(service=service)) == {}


def test_a_gap_after_users_were_well_again_is_not_proposed() -> None:
    service = known(make.service())
    make.assignment(service, make.person(), until=minutes(90))
    assert proposed(review.draft(service=service)) == {}


def test_a_gap_of_four_minutes_is_a_clock_and_not_a_gap() -> None:
    service = known(make.service())
    make.assignment(service, make.person(), until=minutes(10))
    make.assignment(service, make.person(), since=minutes(14))
    assert proposed(review.draft(service=service)) == {}


def test_a_gap_that_was_put_right_in_the_record_is_none() -> None:
    service = known(make.service())
    wrong = make.assignment(service, make.person(), until=minutes(10))
    Assignment.objects.filter(pk=wrong.pk).update(superseded_at=LATER)
    make.assignment(service, make.person(), known_from=LATER)
    assert proposed(review.draft(service=service)) == {}


def test_of_an_uncertain_start_only_the_sure_time_counts() -> None:
    service = known(make.service())
    make.assignment(service, make.person(), since=minutes(20))
    between = Impact("between", minutes(0), until=minutes(20))
    assert proposed(review.draft(service=service, began=between)) == {}


def test_without_a_service_nobody_can_be_missing() -> None:
    assert proposed(review.draft()) == {}


def test_what_the_catalogue_did_not_know_then_is_no_gap() -> None:
    service = make.service()  # recorded today, long after the incident
    assert proposed(review.draft(service=service)) == {}


def test_a_service_that_needs_nobody_on_purpose_has_no_gap() -> None:
    service = known(make.service())
    waiving.waive(service, reason="An experiment.", by=make.person(role="admin"), now=NOON - timedelta(days=9))
    assert proposed(review.draft(service=service)) == {}


@pytest.mark.parametrize(
    ("covered", "gaps"),
    [
        ([], [(0, 90)]),
        ([(None, None)], []),
        ([(None, 10), (53, None)], [(10, 53)]),
        ([(40, 60), (0, 20)], [(20, 40), (60, 90)]),
        ([(0, 60), (10, 20)], [(60, 90)]),
        ([(-30, -10), (95, 99)], [(0, 90)]),
    ],
)
def test_what_nothing_covers(covered: list[tuple[int | None, int | None]], gaps: list[tuple[int, int]]) -> None:
    times = [
        (None if begins is None else minutes(begins), None if ends is None else minutes(ends))
        for begins, ends in covered
    ]
    found = uncovered(Span(minutes(0), minutes(90)), times)
    assert [(one.begins, one.ends) for one in found] == [(minutes(a), minutes(b)) for a, b in gaps]


# ---- a stale owner ----


def test_an_owner_who_was_silent_for_too_long_is_proposed_with_the_days() -> None:
    service = known(make.service("Support answers"))
    make.assignment(service, make.person("Priya Nair"), since=NOON - timedelta(days=120))
    reason = proposed(review.draft(service=service))[STALE]
    assert reason.startswith("Priya Nair, accountable for Support answers, had never confirmed: 119 days of silence")
    assert reason.endswith("a word holds 90.")


def test_an_owner_who_confirmed_in_time_is_not_stale_and_one_who_did_so_afterwards_is() -> None:
    spoke, late = known(make.service()), known(make.service())
    for service, at in ((spoke, NOON - timedelta(days=10)), (late, LATER)):
        priya = make.person()
        row = make.assignment(service, priya, since=NOON - timedelta(days=120))
        Confirmation.objects.create(assignment=row, by=priya, at=at)
    assert proposed(review.draft(service=spoke)) == {}
    assert list(proposed(review.draft(service=late))) == [STALE]


def test_an_owner_who_had_left_is_stale_and_one_who_left_later_is_not() -> None:
    for left, found in ((NOON - timedelta(days=2), [STALE]), (LATER, [])):
        service = known(make.service())
        priya = make.person()
        make.assignment(service, priya)
        type(priya).objects.filter(pk=priya.pk).update(is_active=False, left_at=left)
        assert list(proposed(review.draft(service=service))) == found


# ---- hand-offs to and fro ----


def held(*to: tuple[str, int]) -> Postmortem:
    incident = make.incident(by=make.person())
    people = {name: make.person(name) for name in {name for name, _ in to}}
    for name, at in to:
        handing_off.give(incident, to=people[name], reason="Yours.", by=make.person(), now=minutes(at))
    return review.draft(incident=incident)


def test_a_ball_that_came_straight_back_is_proposed_with_its_hand_offs() -> None:
    postmortem = held(("Ada", 40), ("Ben", 50), ("Ada", 72))
    (one,) = proposals.of(postmortem, [], now=LATER)
    assert one.mode == PING_PONG
    assert one.reason.endswith("Ada → Ben → Ada, back after 22 min.")
    assert {link["kind"] for link in one.links} == {"row"}


@pytest.mark.parametrize(
    "to",
    [
        [("Ada", 40), ("Ben", 50), ("Cleo", 60)],
        [("Ada", 40), ("Ben", 50), ("Cleo", 60), ("Ada", 70)],  # round, never straight back
        [("Ada", 40), ("Ben", 50), ("Ada", 50 + 9 * 60)],  # the next morning's shift
    ],
)
def test_a_ball_that_goes_on_is_not(to: list[tuple[str, int]]) -> None:
    assert proposed(held(*to)) == {}


# ---- seams ----


def test_a_seam_of_what_failed_that_nobody_looks_after_is_proposed_for_that_seam() -> None:
    service = known(make.service(owner=make.person()))
    retriever, fallback = make.component("Retriever", of=service), make.component("Fallback", of=service)
    seam = make.seam(retriever, fallback)
    postmortem = review.draft(service=service)
    type(postmortem.incident).objects.filter(pk=postmortem.incident_id).update(component=retriever)
    postmortem = Postmortem.objects.select_related("incident").get()
    assert list(proposed(postmortem)) == [f"{NO_OWNER}:{seam.pk}"]
    found = proposing.accept(postmortem, f"{NO_OWNER}:{seam.pk}", by=postmortem.author, now=LATER)
    assert found.dependency == seam
    assert proposed(postmortem) == {}


def test_a_seam_whose_end_has_a_custodian_is_not() -> None:
    service = known(make.service(owner=make.person()))
    retriever = make.component("Retriever", of=service)
    make.seam(retriever, make.component("Fallback", of=service, custodian=make.team()))
    postmortem = review.draft(service=service)
    type(postmortem.incident).objects.filter(pk=postmortem.incident_id).update(component=retriever)
    assert proposed(Postmortem.objects.select_related("incident").get()) == {}


# ---- accepting and declining ----


@pytest.fixture
def unowned() -> Postmortem:
    service = known(make.service("Support answers"))
    make.assignment(service, make.person(), until=minutes(10))
    return review.draft(service=service)


def test_accepting_makes_a_reviewed_finding_with_its_evidence_once(unowned: Postmortem) -> None:
    found = proposing.accept(unowned, NO_OWNER, by=unowned.author, now=LATER)
    assert (found.state, found.mode_id, found.role) == ("reviewed", NO_OWNER, "recovery_gap")
    assert "for 1 h 20 of 1 h 30 of impact" in found.evidence
    assert "20 Nov 11:40 to 13:00 UTC (1 h 20)" in found.evidence
    with pytest.raises(proposing.NotProposed):
        proposing.accept(unowned, NO_OWNER, by=unowned.author, now=LATER)
    assert Finding.objects.filter(mode=NO_OWNER).count() == 1


def test_declining_needs_a_reason_and_is_kept(unowned: Postmortem) -> None:
    with pytest.raises(Invalid):
        proposing.decline(unowned, NO_OWNER, reason=" ", by=unowned.author, now=LATER)
    assert list(proposed(unowned)) == [NO_OWNER]
    proposing.decline(unowned, NO_OWNER, reason="Jonas held it by word of mouth.", by=unowned.author, now=LATER)
    assert proposed(unowned) == {}
    assert DeclinedProposal.objects.get().said.startswith("Nobody was accountable")


def test_the_page_proposes_accepts_and_declines(unowned: Postmortem) -> None:
    responder = signed_in(unowned.author)
    shown = responder.get(url(unowned)).content.decode()
    assert "for 1 h 20 of 1 h 30 of impact." in shown
    refused = responder.post(url(unowned, f"proposals/{NO_OWNER}/decline/"), {"reason": ""})
    assert refused.status_code == 422
    assert "Say why this is no finding." in refused.content.decode()
    answer = responder.post(url(unowned, f"proposals/{NO_OWNER}/decline/"), {"reason": "By word of mouth."})
    assert answer["Location"] == f"{url(unowned)}#findings"
    shown = responder.get(url(unowned)).content.decode()
    assert "Add it as a finding" not in shown
    assert "By word of mouth." in shown
    assert responder.post(url(unowned, f"proposals/{NO_OWNER}/accept/")).status_code == 409


def test_readers_and_what_is_published_propose_nothing(unowned: Postmortem) -> None:
    viewer = signed_in(make.person(role="viewer"))
    assert "Add it as a finding" not in viewer.get(url(unowned)).content.decode()
    assert viewer.post(url(unowned, f"proposals/{NO_OWNER}/accept/")).status_code == 403
    assert Client().post(url(unowned, f"proposals/{NO_OWNER}/accept/")).status_code == 302
    Postmortem.objects.update(published_at=timezone.now(), published_by=unowned.author)
    responder = signed_in(unowned.author)
    assert "Add it as a finding" not in responder.get(url(unowned)).content.decode()
    assert responder.post(url(unowned, f"proposals/{NO_OWNER}/accept/")).status_code == 409
