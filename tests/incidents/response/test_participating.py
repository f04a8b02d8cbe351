"""Who takes part in an incident: by acting, by a click, by being brought in; roles are held one at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from incidents.response import lifecycle, participating
from incidents.response.models import Incident, Participation, TimelineRow
from incidents.response.participating import NotTakingPart
from incidents.response.queries import people
from ownership.models import Notice, Person
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, Invalid, translated

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def incident() -> Incident:
    return make.incident("Slow answers", by=make.person("Dana Declarer"))


def now_in(incident: Incident) -> list[tuple[str, str]]:
    rows = Participation.objects.filter(incident=incident, ended_at=None).order_by("pk")
    return [(row.person.name, row.role) for row in rows]


def told(incident: Incident) -> list[str]:
    rows = TimelineRow.objects.filter(incident=incident, kind="people").order_by("pk")
    return [f"{row.by.name} {row.text}" for row in rows if row.by]


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_who_declares_acknowledges_or_writes_takes_part_by_that_and_once(incident: Incident) -> None:
    maya, jonas = make.person("Maya"), make.person("Jonas")
    lifecycle.acknowledge(incident, by=maya, now=LATER)
    for text in ("one", "two"):
        lifecycle.note(incident, text=text, by=jonas, now=LATER)
    assert now_in(incident) == [(who, "participant") for who in ("Dana Declarer", "Maya", "Jonas")]
    assert told(incident) == []


def test_joining_and_leaving_are_told_and_what_was_stays(incident: Incident) -> None:
    maya = make.person("Maya")
    for _ in range(2):
        participating.join(incident, by=maya, now=NOON)
    participating.leave(incident, by=maya, now=LATER)
    participating.join(incident, by=maya, now=LATER)
    assert told(incident) == ["Maya joined", "Maya left", "Maya joined"]
    stints = Participation.objects.filter(person=maya).order_by("pk").values_list("since", "ended_at")
    assert list(stints) == [(NOON, LATER), (LATER, None)]
    with pytest.raises(NotTakingPart):
        participating.leave(incident, by=make.person(), now=LATER)


def test_a_role_is_held_by_one_and_its_new_holder_is_told(incident: Incident) -> None:
    maya, jonas, by = make.person("Maya"), make.person("Jonas"), make.person("Priya")
    participating.give_role(incident, "lead", to=maya, by=by, now=NOON)
    participating.give_role(incident, "lead", to=maya, by=by, now=NOON)
    participating.give_role(incident, "lead", to=jonas, by=by, now=LATER)
    assert now_in(incident)[1:] == [("Maya", "participant"), ("Jonas", "participant"), ("Jonas", "lead")]
    assert told(incident) == ["Priya lead: Maya", "Priya lead: Jonas instead of Maya"]
    assert [notice.text for notice in Notice.objects.filter(person=jonas)] == [
        f"Priya made you lead: {incident.ref} Slow answers"
    ]
    participating.give_role(incident, "lead", to=None, by=by, now=LATER)
    assert ("Jonas", "lead") not in now_in(incident)


def test_who_leaves_gives_their_role_up(incident: Incident) -> None:
    maya = make.person("Maya")
    participating.give_role(incident, "scribe", to=maya, by=maya, now=NOON)
    participating.take_out(incident, maya, by=make.person("Priya"), now=LATER)
    assert told(incident)[-1] == "Priya took out Maya, who was scribe"
    assert "Maya" not in [name for name, _ in now_in(incident)]


def test_who_has_left_the_house_is_not_brought_in(incident: Incident) -> None:
    gone = make.person(is_active=False)
    for act in (
        lambda: participating.bring_in(incident, gone, by=make.person(), now=NOON),
        lambda: participating.give_role(incident, "lead", to=gone, by=make.person(), now=NOON),
    ):
        with pytest.raises(Invalid, match="no longer here"):
            act()


def test_the_database_holds_one_holder_and_never_forgets(incident: Incident) -> None:
    maya, jonas = make.person(), make.person()
    participating.give_role(incident, "lead", to=maya, by=maya, now=NOON)
    with pytest.raises(IntegrityError, match="participation_one_holder"), transaction.atomic():
        Participation.objects.create(incident=incident, person=jonas, role="lead", by=jonas)
    row = Participation.objects.filter(person=maya, role="lead")
    for change in (row.delete, lambda: row.update(person=jonas)):
        with pytest.raises(IntegrityError, match="ended, never changed"), transaction.atomic():
            change()
    assert row.update(ended_at=LATER, ended_by=maya) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(ended_at=None, ended_by=None)


def test_what_the_database_refuses_is_said_in_words(incident: Incident) -> None:
    maya, jonas = make.person(), make.person()
    participating.give_role(incident, "lead", to=maya, by=maya, now=NOON)
    with pytest.raises(ConstraintBroken, match="Somebody else holds this role"), translated():
        Participation.objects.create(incident=incident, person=jonas, role="lead", by=jonas)


# ---- pages and API ----


def test_the_page_shows_people_and_lets_one_join_in_one_click(incident: Incident) -> None:
    maya = make.person("Maya Okafor")
    client, page = signed_in(maya), f"/incidents/{incident.pk}/"
    assert ">Join</button>" in client.get(page).content.decode()
    assert client.post(f"{page}people/join/").headers["Location"] == page
    assert ">Join</button>" not in client.get(page).content.decode()
    answer = client.post(f"{page}people/", {"role": "communications", "person": str(maya.pk)})
    assert answer.status_code == 302
    shown = client.get(f"{page}people/").content.decode()
    assert "communications" in shown
    assert client.post(f"{page}people/{maya.pk}/out/").headers["Location"] == page
    assert now_in(incident) == [("Dana Declarer", "participant")]


def test_a_form_that_names_nobody_keeps_what_was_said(incident: Incident) -> None:
    client = signed_in(make.person())
    answer = client.post(f"/incidents/{incident.pk}/people/", {"role": "participant", "person": ""})
    assert answer.status_code == 422
    assert "Choose who takes part." in answer.content.decode()
    assert client.post(f"/incidents/{incident.pk}/people/", {"role": "king", "person": ""}).status_code == 422


def test_viewers_read_and_may_leave_but_neither_join_nor_change(incident: Incident) -> None:
    viewer = make.person(role="viewer")
    client, page = signed_in(viewer), f"/incidents/{incident.pk}/people/"
    assert client.get(page).status_code == 200
    for path, body in ((page, {"role": "lead", "person": str(viewer.pk)}), (f"{page}join/", {})):
        assert client.post(path, body).status_code == 403
    declarer = Person.objects.get(name="Dana Declarer")
    assert client.post(f"{page}{declarer.pk}/out/").status_code == 403
    participating.bring_in(incident, viewer, by=declarer, now=NOON)
    assert client.post(f"{page}{viewer.pk}/out/").status_code == 302


def test_the_api_lists_gives_and_takes_out(incident: Incident) -> None:
    maya, jonas = make.person("Maya"), make.person("Jonas")
    client, path = signed_in(maya), f"/api/v1/incidents/{incident.pk}/people/"
    made = client.post(path, {"role": "lead", "person": jonas.email}, content_type="application/json")
    assert made.status_code == 201
    assert {(row["person"], row["role"]) for row in made.json()} >= {
        (jonas.email, "lead"), (jonas.email, "participant"),
    }  # fmt: skip
    row = next(row for row in made.json() if row["role"] == "lead")
    assert client.delete(f"{path}{row['id']}/").status_code == 204
    ended = [row["ended_by"] for row in client.get(path).json()["results"] if row["person"] == jonas.email]
    assert ended == [maya.email, maya.email]
    assert client.delete(f"{path}{row['id']}/").status_code == 404
    refused = client.post(path, {"role": "participant"}, content_type="application/json")
    assert (refused.status_code, "Name who takes part." in refused.content.decode()) == (422, True)


def test_who_leads_is_shown_however_many_take_part(incident: Incident) -> None:
    viewer = make.person()
    for number in range(60):
        participating.join(incident, by=make.person(f"P{number}"), now=NOON)
    participating.join(incident, by=viewer, now=NOON)
    participating.give_role(incident, "lead", to=make.person("Late Lead"), by=viewer, now=LATER)
    shown = people.of(incident, viewer)
    assert str(dict(shown.roles)["lead"]) == "Late Lead"
    assert (len(shown.participants), shown.more, shown.is_in) == (50, True, True)
