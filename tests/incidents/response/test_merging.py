"""Merging incidents and taking them apart, linking and splitting: reversible, nothing re-parented, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from incidents.alerts import splitting
from incidents.alerts.membership import AlertMove
from incidents.alerts.models import Alert
from incidents.response import confiding, lifecycle, linking, merging, participating
from incidents.response.linking import NotLinked
from incidents.response.models import AffectedService, Incident, IncidentLink, IncidentMerge, TimelineRow
from incidents.response.queries import board, links, visible
from incidents.response.standing import Merged
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes
from web.errors import ConstraintBroken, DomainError, Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(settings: Any) -> None:
    settings.QUIET_SECONDS = 60


@pytest.fixture
def by() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def two() -> tuple[Incident, Incident]:
    """Two open incidents of two services, opened by alerts; the first is worse and has two."""
    make.service("Support answers", tier="t1")
    make.service("Fraud score", tier="t3")
    source = am.source()
    am.send(source, am.alert("Slow", service="support-answers", severity="critical"))
    am.send(source, am.alert("Down", service="support-answers", starts=minutes(2)), at=minutes(2))
    am.send(source, am.alert("Odd", service="fraud-score", starts=minutes(4)), at=minutes(4))
    first, second = Incident.objects.order_by("pk")
    return first, second


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def rows(incident: Incident) -> set[int]:
    return set(TimelineRow.objects.filter(incident=incident).values_list("pk", flat=True))


def picture(incident: Incident) -> dict[str, Any]:
    """All that a merge could change of an incident, besides its timeline."""
    whole = Incident.objects.filter(pk=incident.pk).values().get()
    del whole["changed_at"]
    return {
        **whole,
        "alerts": sorted(Alert.objects.filter(incident=incident).values_list("pk", flat=True)),
        "people": sorted(incident.participations.filter(ended_at=None).values_list("person", "role")),
        "affected": sorted(AffectedService.objects.filter(incident=incident).values_list("service", flat=True)),
        "links": sorted(IncidentLink.objects.filter(one=incident, ended_at=None).values_list("kind", flat=True)),
    }


def merge(gone: Incident, into: Incident, by: Person, at: float = 10, **said: Any) -> Incident:
    return merging.merge(gone, into=into, by=by, now=minutes(at), **said)


def test_it_leaves_the_board_and_its_story_goes_on(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    participating.join(first, by=by, now=NOON)
    kept = rows(first)
    assert merge(first, second, by, why="one vendor") == second
    assert (fresh(first).state, board.open_count(by)) == ("merged", 1)
    assert rows(first) >= kept
    assert {alert.incident_id for alert in Alert.objects.all()} == {second.pk}
    assert list(second.participations.filter(ended_at=None).values_list("person", flat=True)) == [by.pk]
    assert (fresh(second).severity, fresh(second).detected_at) == ("sev1", NOON)
    told = TimelineRow.objects.filter(kind="merged").order_by("incident")
    assert [(row.incident_id, row.text, row.why) for row in told] == [
        (first.pk, f"into {second.ref}", "They are one problem; one vendor"),
        (second.pk, f"{first.ref} into this", "They are one problem; one vendor"),
    ]


def test_its_timeline_is_shown_there_with_its_origin(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    lifecycle.note(first, text="seen in the vendor's log", by=by, now=minutes(5))
    merge(first, second, by)
    client = signed_in(by)
    shown = client.get(f"/incidents/{second.pk}/").content.decode()
    assert "seen in the vendor's log" in shown.replace("&#x27;", "'").replace("’", "'")
    assert f'<span class="chip plain">{first.ref}</span>' in shown
    assert client.get(f"/incidents/{first.pk}/").headers["Location"] == f"/incidents/{second.pk}/"
    record = client.get(f"/incidents/{first.pk}/?stay=1").content.decode()
    assert "Undo the merge" in record
    assert "Add note" not in record


def test_undone_both_are_exactly_as_they_were(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    participating.join(first, by=by, now=NOON)
    before = {one.pk: picture(one) for one in two}
    kept = rows(first), rows(second)
    merge(first, second, by, reason="duplicate")
    assert picture(second) != before[second.pk]
    merging.undo(first, by=by, now=minutes(20))
    assert {one.pk: picture(one) for one in two} == before
    assert rows(first) > kept[0]
    assert rows(second) > kept[1]
    assert AlertMove.objects.count() == 4
    assert IncidentMerge.objects.get().ended_by == by
    with pytest.raises(merging.NotMerged):
        merging.undo(first, by=by, now=minutes(21))


def test_what_was_changed_since_is_not_undone(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    merge(first, second, by)
    lifecycle.set_severity(second, severity="sev2", by=by, now=minutes(12))
    merging.undo(first, by=by, now=minutes(20))
    assert fresh(second).severity == "sev2"


def test_new_alerts_of_it_follow_also_other_ones_of_its_group(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    merge(first, second, by)
    source = Alert.objects.earliest("pk").source
    am.send(source, am.alert("Slow", service="support-answers", severity="critical", ends=minutes(12)), at=minutes(12))
    am.send(
        source, am.alert("Slow", service="support-answers", severity="critical", starts=minutes(14)), at=minutes(14)
    )
    am.send(source, am.alert("Torn", service="support-answers", starts=minutes(15)), at=minutes(15))
    assert Incident.objects.count() == 2
    assert set(Alert.objects.values_list("incident", flat=True)) == {second.pk}
    assert f"{first.ref}, which has Support answers, was merged into it" in Alert.objects.get(name="Torn").why
    merging.undo(first, by=by, now=minutes(20))
    went = dict(Alert.objects.order_by("pk").values_list("name", "incident"))
    assert went == {"Slow": first.pk, "Down": first.pk, "Odd": second.pk, "Torn": second.pk}
    am.send(source, am.alert("Late", service="support-answers", starts=minutes(22)), at=minutes(22))
    assert Alert.objects.get(name="Late").incident_id == first.pk


def test_once_where_it_goes_on_is_resolved_its_group_opens_anew(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    merge(first, second, by)
    lifecycle.resolve(second, by=by, now=minutes(12), despite=["still_firing"])
    source = Alert.objects.earliest("pk").source
    am.send(source, am.alert("Torn", service="support-answers", starts=minutes(15)), at=minutes(15))
    third = Incident.objects.latest("pk")
    assert Alert.objects.get(name="Torn").incident_id == third.pk
    merging.undo(first, by=by, now=minutes(20))
    assert not fresh(first).joinable


def test_it_stands_still_until_it_is_taken_out(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    merge(first, second, by)
    first = fresh(first)
    for act in (
        lambda: lifecycle.note(first, text="x", by=by, now=minutes(11)),
        lambda: lifecycle.acknowledge(first, by=by, now=minutes(11)),
        lambda: lifecycle.resolve(first, by=by, now=minutes(11)),
        lambda: merge(first, second, by),
    ):
        with pytest.raises(Merged):
            act()
    assert signed_in(by).post(f"/incidents/{first.pk}/note/", {"text": "x"}).status_code == 409


def test_a_chain_leads_to_its_last_and_never_closes(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    third = make.incident("A third", by=by)
    merge(first, second, by)
    merge(second, third, by, at=11)
    assert signed_in(by).get(f"/incidents/{first.pk}/").headers["Location"] == f"/incidents/{third.pk}/"
    with pytest.raises(merging.MergedAround):
        merge(third, first, by, at=12)
    with pytest.raises(merging.MergedFurther):
        merging.undo(first, by=by, now=minutes(13))
    fourth = make.incident("A fourth", by=by)
    assert merge(fourth, first, by, at=14) == third
    merging.undo(fourth, by=by, now=minutes(15))
    merging.undo(second, by=by, now=minutes(16))
    merging.undo(first, by=by, now=minutes(17))
    assert set(Alert.objects.filter(name__in=["Slow", "Down"]).values_list("incident", flat=True)) == {first.pk}


def test_what_cannot_be_merged_is_refused(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    with pytest.raises(Invalid, match="another incident"):
        merge(first, first, by)
    with pytest.raises(Invalid, match="why"):
        merge(first, second, by, reason="whim")
    confiding.make_private(first, reason="x", by=by, now=minutes(9))
    with pytest.raises(merging.PrivacyDiffers):
        merge(first, second, by)
    confiding.make_public(first, reason="x", by=by, now=minutes(9))
    lifecycle.resolve(second, by=by, now=minutes(9), despite=["still_firing"])
    with pytest.raises(DomainError, match="is resolved"):
        merge(first, second, by)
    assert not IncidentMerge.objects.exists()


def test_private_together_public_together(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    merge(first, second, by)
    confiding.make_private(second, reason="x", by=by, now=minutes(12))
    assert not visible.among(make.person(), [first.pk, second.pk])


def test_a_merge_is_never_rewritten(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    merge(first, second, by)
    made = IncidentMerge.objects.filter(merged=first)
    for change in (lambda: made.update(why="otherwise"), lambda: made.update(kept={"x": 1})):
        with pytest.raises(IntegrityError, match="ended, never changed"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="merged_elsewhere"), transaction.atomic():
        Incident.objects.filter(pk=first.pk).update(merged_into=first.pk)


# ---- links ----


def test_a_link_shows_at_both_ends_and_can_be_taken_away(by: Person) -> None:
    one, other = make.incident("One", by=by), make.incident("Other", by=by)
    made = linking.link(one, kind="caused_by", other=other, by=by, now=NOON)
    assert [tie.words for tie in links.ties(one, by)] == ["Caused by"]
    assert [(tie.words, tie.other) for tie in links.ties(other, by)] == [("Caused", one)]
    for again in ((one, other), (other, one)):
        with pytest.raises(ConstraintBroken, match="linked so already"):
            linking.link(again[0], kind="caused_by", other=again[1], by=by, now=NOON)
    linking.unlink(made, by=by, now=minutes(1))
    assert links.ties(one, by) == links.ties(other, by) == []
    told = TimelineRow.objects.filter(kind="linked", incident=other).order_by("pk").values_list("text", flat=True)
    assert list(told) == [f"caused {one.ref}", f"no longer: caused {one.ref}"]
    with pytest.raises(NotLinked):
        linking.unlink(made, by=by, now=minutes(2))
    with pytest.raises(Invalid):
        linking.link(one, kind="relates_to", other=one, by=by, now=NOON)


# ---- splitting ----


def test_alerts_go_and_notes_are_quoted_and_merging_back_is_the_way_back(
    two: tuple[Incident, Incident], by: Person
) -> None:
    first, _ = two
    note = lifecycle.note(first, text="this one is another story", by=by, now=minutes(5))
    down = Alert.objects.get(name="Down")
    made = splitting.split(first, title="Down alone", alerts=[down.pk], notes=[note.pk], by=by, now=minutes(10))
    assert (made.title, Alert.objects.get(name="Down").incident_id) == ("Down alone", made.pk)
    quoted = TimelineRow.objects.get(incident=made, kind="quoted")
    assert (quoted.text, quoted.at, quoted.data["row"]) == (note.text, note.at, note.pk)
    assert note.pk in rows(first)
    assert [(tie.words, tie.other) for tie in links.ties(first, by)] == [("Had split off", made)]
    merge(made, first, by, at=12)
    assert Alert.objects.get(name="Down").incident_id == first.pk


def test_notes_alone_make_one_with_a_title(by: Person) -> None:
    incident = make.incident(by=by, private=True)
    guest = make.person()
    participating.bring_in(incident, guest, by=by, now=NOON)
    note = lifecycle.note(incident, text="x", by=by, now=NOON)
    made = splitting.split(incident, title="Apart", notes=[note.pk], by=by, now=NOON)
    assert made.private
    assert visible.among(guest, [made.pk])
    for wrong in ({"notes": [note.pk]}, {"title": "x"}, {"title": "x", "notes": [999_999]}):
        with pytest.raises(Invalid):
            splitting.split(incident, by=by, now=NOON, **wrong)


# ---- pages and API ----


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_pages_merge_link_and_split(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    client, page = signed_in(by), f"/incidents/{first.pk}/"
    for path in ("merge/", "link/", "split/"):
        assert client.get(page + path).status_code == 200
    assert client.post(f"{page}link/", {"kind": "caused", "other": second.ref}).status_code == 302
    tie = IncidentLink.objects.get()
    assert (tie.one, tie.other) == (second, first)
    assert client.post(f"{page}link/", {"kind": "caused", "other": second.ref}).status_code == 409
    assert client.post(f"{page}link/{tie.pk}/remove/").status_code == 302
    refused = client.post(f"{page}merge/", {"into": "INC-999999", "reason": "same", "why": "kept words"})
    assert (refused.status_code, "kept words" in refused.content.decode()) == (422, True)
    assert client.post(f"{page}split/", {"title": ""}).status_code == 422
    answer = client.post(f"{page}merge/", {"into": str(second.pk), "reason": "duplicate"})
    assert answer.headers["Location"] == f"/incidents/{second.pk}/"
    assert IncidentLink.objects.filter(kind="duplicate_of", ended_at=None).exists()
    assert client.post(f"{page}unmerge/").headers["Location"] == page
    assert client.post(f"{page}unmerge/").status_code == 404
    slow = Alert.objects.get(name="Slow")
    assert client.post(f"{page}split/", {"title": "", "alert": [slow.pk]}).status_code == 302


def test_viewers_change_nothing(two: tuple[Incident, Incident]) -> None:
    first, second = two
    client, page = signed_in(make.person(role="viewer")), f"/incidents/{first.pk}/"
    for path, body in (
        ("merge/", {"into": second.ref}), ("link/", {"other": second.ref}), ("split/", {}), ("unmerge/", {}),
        ("private/", {"reason": "x"}), ("link/1/remove/", {}),
    ):  # fmt: skip
        assert client.post(page + path, body).status_code in {403, 404}, path
    assert (IncidentMerge.objects.count(), IncidentLink.objects.count()) == (0, 0)


def test_the_api_merges_unmerges_links_and_splits(two: tuple[Incident, Incident], by: Person) -> None:
    first, second = two
    client, api = signed_in(by), f"/api/v1/incidents/{first.pk}/"

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(path, body, content_type="application/json")

    tie = post(f"{api}links/", {"kind": "relates_to", "other": second.pk})
    assert (tie.status_code, tie.json()["other"]) == (201, second.pk)
    assert [row["id"] for row in client.get(f"/api/v1/incidents/{second.pk}/links/").json()["results"]] == [
        tie.json()["id"]
    ]
    assert client.delete(f"{api}links/{tie.json()['id']}/").status_code == 204
    merged = post(f"{api}merge/", {"into": second.pk, "why": "one"})
    assert (merged.status_code, merged.json()["number"]) == (200, second.pk)
    read = client.get(api).json()
    assert (read["state"], read["merged_into"]) == ("merged", second.pk)
    assert (post(f"{api}merge/", {"into": second.pk}).json()["code"]) == "merged"
    assert post(f"{api}unmerge/", {}).json()["state"] == "open"
    assert post(f"{api}unmerge/", {}).status_code == 404
    slow = Alert.objects.get(name="Slow")
    split = post("/api/v1/splits/", {"came_from": first.pk, "alerts": [slow.pk], "title": "Apart"})
    assert split.status_code == 201
    assert Alert.objects.get(pk=slow.pk).incident_id == split.json()["incident"]
