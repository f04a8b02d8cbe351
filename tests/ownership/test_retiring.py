"""Taking services and components out of use, and bringing them back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ownership import assigning, cataloguing, handing_over, registering, retiring, waiving
from ownership.models import Alias, Handover, Notice, Part, Person, Service
from ownership.queries import owners, resolving
from ownership.retiring import NameTaken
from tests import factories as make
from tests.factories import NOON
from tests.ownership.proposals import proposal
from web.errors import Invalid

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def test_a_retired_service_is_found_by_no_alert_and_its_name_is_free(editor: Person) -> None:
    service = make.service("Support answers", owner=make.person())
    assert retiring.retire_service(service, by=editor, now=NOON).retired_at == NOON
    assert resolving.subjects_of([{"service": "support answers"}])[0].service is None
    again = registering.register(name="Support answers", outcome="x", tier="t1", by=editor, now=LATER)
    assert not again.assignments.exists()


def test_retiring_twice_keeps_the_first_time(editor: Person) -> None:
    service, component = make.service(), make.component()
    retiring.retire_service(service, by=editor, now=NOON)
    retiring.retire_component(component, by=editor, now=NOON)
    assert retiring.retire_service(service, by=editor, now=LATER).retired_at == NOON
    assert retiring.retire_component(component, by=editor, now=LATER).retired_at == NOON


def test_a_service_comes_back_with_its_owner_and_parts(editor: Person) -> None:
    priya = make.person("Priya Nair")
    service = make.service(owner=priya)
    component = make.component(of=service)
    retiring.retire_service(service, by=editor, now=NOON)
    with pytest.raises(Invalid):
        assigning.assign(subject=service, role="deputy", party=priya, since=NOON, by=editor, now=NOON)
    assert retiring.restore_service(service, by=editor, now=LATER).retired_at is None
    accountable = owners.of_services([service.pk], at=LATER)[service.pk].accountable
    assert accountable is not None
    assert accountable.party == priya
    assert service.components.get() == component


def test_nobody_holds_what_is_retired(editor: Person) -> None:
    priya = make.person("Priya Nair")
    service = make.service(owner=priya)
    kept = make.service(owner=priya)
    retiring.retire_service(service, by=editor, now=NOON)
    assert [row.service for row in owners.held_by(priya, at=NOON)] == [kept]


def test_an_open_hand_over_is_withdrawn_says_why_and_both_sides_hear_of_it(editor: Person) -> None:
    asked = proposal()
    service = asked.subject
    retiring.retire_service(service, by=editor, now=LATER)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.reason) == ("withdrawn", editor, "The service was retired.")
    told = Notice.objects.filter(kind="handover_decided", made_at=LATER)
    assert {one.person for one in told} == {asked.from_assignment.party, asked.to}
    said = f"Edith Editor withdrew the hand-over of {service} to {asked.to}"
    assert {(one.text, one.path) for one in told} == {(said, f"/hand-overs/{asked.pk}/")}


def test_a_retired_component_leaves_nobody_asked_about_it_or_a_seam_of_it(editor: Person) -> None:
    gone, other = make.component("Cache"), make.component("Store")
    owner = make.person()
    subjects = [gone, make.seam(gone, other), make.seam(other, gone), make.seam(other), other]
    for subject in subjects:
        make.assignment(subject, owner)
    asked = [proposal(subject=subject, by=owner) for subject in subjects]
    retiring.retire_component(gone, by=editor, now=LATER)
    for one in asked:
        one.refresh_from_db()
    assert [one.state for one in asked] == [*["withdrawn"] * 3, "proposed", "proposed"]
    assert [one.reason for one in asked[:3]] == ["The component was retired.", *["Cache was retired."] * 2]
    told = Notice.objects.filter(kind="handover_decided", made_at=LATER)
    assert sorted(one.person_id for one in told) == sorted([owner.pk] * 3 + [one.to_person_id for one in asked[:3]])


def test_nobody_is_asked_or_assigned_where_something_is_retired(editor: Person) -> None:
    gone = make.component("Cache")
    seam, service = make.seam(downstream=gone), make.service("Answers")
    for subject in (gone, seam, service):
        make.assignment(subject, editor)
    retiring.retire_component(gone, by=editor, now=NOON)
    retiring.retire_service(service, by=editor, now=NOON)
    for subject in (gone, seam, service):
        row = subject.assignments.get()
        for act in (
            lambda subject=subject: handing_over.propose(subject=subject, to=make.person(), by=editor, now=LATER),
            lambda row=row: assigning.replace(row, party=make.person(), at=NOON, by=editor, now=LATER),
            lambda subject=subject: assigning.assign(
                subject=subject, role="deputy", party=make.person(), since=NOON, by=editor, now=LATER
            ),
            lambda subject=subject: waiving.waive(subject, reason="Ends soon.", by=editor, now=LATER),
        ):
            with pytest.raises(Invalid, match="is retired; nobody can be assigned to"):
                act()
    assert Handover.objects.count() == 0


def test_what_is_retired_is_brought_back_before_it_is_changed(editor: Person) -> None:
    service, component = make.service("Answers", retired_at=NOON), make.component("Cache", retired_at=NOON)
    link = cataloguing.Link("runbook", "", "https://example.org/r")
    facts = {"by": editor, "now": LATER}
    for act in (
        lambda: cataloguing.edit_service(service, tier="t1", **facts),
        lambda: cataloguing.edit_component(component, description="x", **facts),
        lambda: cataloguing.add_link(service, link, **facts),
        lambda: cataloguing.add_link(component, link, **facts),
        lambda: cataloguing.add_alias(component, system="job", key="cache", **facts),
        lambda: cataloguing.add_part(service, make.component(), role="critical", **facts),
        lambda: registering.join_part(service, registering.NewPart("New", "api"), **facts),
    ):
        with pytest.raises(cataloguing.Retired, match="bring it back"):
            act()
    for ends in ((component, make.component()), (make.component(), component)):
        with pytest.raises(Invalid, match="Cache is retired; choose another"):
            cataloguing.add_seam(*ends, **facts)
    assert (Alias.objects.count(), Part.objects.count()) == (0, 0)


def test_a_decided_hand_over_stays_as_it_is(editor: Person) -> None:
    asked = proposal()
    Handover.objects.filter(pk=asked.pk).update(state="declined", reason="no", decided_by=editor, decided_at=NOON)
    retiring.retire_service(asked.subject, by=editor, now=LATER)
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("declined", "no")


def test_the_aliases_of_a_retired_component_are_free_and_mean_nothing(editor: Person) -> None:
    old = make.component("Retriever", of=make.service())
    cataloguing.add_alias(old, system="job", key="retriever", by=editor, now=NOON)
    retiring.retire_component(old, by=editor, now=NOON)
    found = resolving.subjects_of([{"job": "retriever"}, {"component": "Retriever"}])
    assert [one.component for one in found] == [None, None]
    new = cataloguing.add_component(
        name="Retriever", kind="retrieval_index", aliases=[("job", "retriever")], by=editor, now=LATER
    )
    assert resolving.subjects_of([{"job": "retriever"}])[0].component == new
    assert (new.parts.count(), new.labels, new.seams_out.count()) == (0, {}, 0)


def test_a_retired_component_stays_where_it_was_but_joins_nothing_new(editor: Person) -> None:
    service = make.service()
    component = make.component("Retriever", of=service)
    retiring.retire_component(component, by=editor, now=NOON)
    assert Part.objects.filter(service=service, component=component).exists()
    with pytest.raises(Invalid):
        cataloguing.add_part(make.service(), component, role="critical", by=editor, now=NOON)


def test_what_lost_its_name_cannot_come_back_before_the_other_is_renamed(editor: Person) -> None:
    old, old_part = make.service("Answers!", retired_at=NOON), make.component("Cache", retired_at=NOON)
    Service.objects.filter(pk=make.service("Other").pk).update(name="ANSWERS!")
    taken = make.component("cache")
    with pytest.raises(NameTaken):
        retiring.restore_service(old, by=editor, now=NOON)
    with pytest.raises(NameTaken):
        retiring.restore_component(old_part, by=editor, now=NOON)
    cataloguing.edit_component(taken, name="Other cache", by=editor, now=NOON)
    assert retiring.restore_component(old_part, by=editor, now=NOON).retired_at is None
    assert not Alias.objects.exists()
