"""A private incident is there for its people and admins, and for nobody else: in no list, count, page or answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from incidents.alerts.models import Alert, Source
from incidents.postmortems import acting, commenting, drafting
from incidents.response import confiding, lifecycle, linking, participating
from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import board, visible
from ownership.models import Notice, Person, Service
from tests import factories as make
from tests.factories import NOON
from tests.house.test_doors import Door, doors
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db

WORD = "Zanzibar"  # in everything that was written about it
NONE = 999_999
# Behind these stands no incident, or what machines read without signing in.
SKIPPED = ("/accounts/", "/static/", "/hooks/", "/v2/", "/healthz", "/readyz", "/metrics", "/join/", "/api/v1/schema")


@dataclass(frozen=True)
class World:
    """A private incident that an alert opened, with all that can hang on one, and another that is linked with it."""

    incident: Incident
    other: Incident
    service: Service
    source: Source
    people: dict[str, Person]

    def client(self, who: str) -> Client:
        client = Client(raise_request_exception=True)
        client.force_login(self.people[who])
        return client


@pytest.fixture
def world() -> World:
    people = {
        "stranger": make.person("Sven Stranger"),
        "editor": make.person("Edda Stranger", role="editor"),
        "participant": make.person("Pia Part"),
        "teammate": make.person("Tomas Mate"),
        "deputy": make.person("Dora Deputy"),
        "admin": make.person("Ada Admin", role="admin"),
    }
    owners = make.team("Search", people["teammate"])
    service = make.service("Support answers", owner=owners)
    make.assignment(service, people["deputy"], role="deputy")
    source = am.source()
    am.send(source, am.alert(f"{WORD}Leak", summary=f"{WORD} leaks", service="support-answers"))
    incident = Incident.objects.get()
    lead = people["participant"]
    participating.give_role(incident, "lead", to=lead, by=lead, now=NOON)
    Incident.objects.update(impact=f"{WORD} is shown")
    lifecycle.note(incident, text=f"{WORD} is in the logs", by=lead, now=NOON)
    make.finding(incident, evidence=f"{WORD} in a trace", by=lead)
    draft = drafting.start(incident, by=lead, now=NOON)
    acting.add(draft, title=f"Take {WORD} out", owner=lead, by=lead, now=NOON)
    commenting.say(draft, anchor="findings", text=f"Who saw {WORD}?", by=lead, now=NOON)
    other = make.incident("Another one", service=service, by=make.person("Otto Other"))
    linking.link(other, kind="caused_by", other=incident, by=lead, now=NOON)
    confiding.make_private(incident, reason="It names a customer.", by=lead, now=NOON)
    incident.refresh_from_db()
    return World(incident, other, service, source, people)


def places(world: World) -> dict[str, str]:
    """Where its people read of it, by name."""
    number, month = world.incident.pk, "2026-11"
    return {
        "board": "/",
        "its page": f"/incidents/{number}/",
        "its people": f"/incidents/{number}/people/",
        "its postmortem": f"/postmortems/{number}/",
        "postmortems": "/postmortems/",
        "actions": "/actions/?owner=anyone",
        "actions as CSV": "/actions/export.csv?owner=anyone&state=all",
        "the service": f"/services/{world.service.slug}/",
        "the source": f"/sources/{world.source.pk}/",
        "what is linked with it": f"/incidents/{world.other.pk}/",
        "behind a mark": f"/patterns/incidents/?layer=integration&month={month}",
        "search": f"/search/?q={WORD}",
        "API: incidents": "/api/v1/incidents/",
        "API: the incident": f"/api/v1/incidents/{number}/",
        "API: timeline": f"/api/v1/timeline/?incident={number}",
        "API: findings": f"/api/v1/findings/?incident={number}",
        "API: alerts": f"/api/v1/alerts/?incident={number}",
        "API: all alerts": "/api/v1/alerts/",
        "API: postmortems": "/api/v1/postmortems/",
        "API: the postmortem": f"/api/v1/postmortems/{number}/",
        "API: comments": f"/api/v1/postmortems/{number}/comments/",
        "API: actions": "/api/v1/actions/",
        "API: search": f"/api/v1/search/?q={WORD}",
    }


PLACES = (
        "board", "its page", "its people", "its postmortem", "postmortems", "actions", "actions as CSV", "the service",
        "the source", "what is linked with it", "behind a mark", "search", "API: incidents", "API: the incident",
        "API: timeline", "API: findings", "API: alerts", "API: all alerts", "API: postmortems", "API: the postmortem",
        "API: comments", "API: actions", "API: search",
)  # fmt: skip


def test_the_places_are_those_that_are_walked(world: World) -> None:
    assert tuple(places(world)) == PLACES


@pytest.mark.parametrize("who", ["participant", "teammate", "deputy", "admin"])
def test_its_people_read_of_it_everywhere(world: World, who: str) -> None:
    client = world.client(who)
    blind = [name for name, path in places(world).items() if WORD not in client.get(path).content.decode()]
    assert blind == []


@pytest.mark.parametrize("who", ["stranger", "editor"])
def test_a_stranger_reads_of_it_nowhere(world: World, who: str) -> None:
    client = world.client(who)
    leaks = []
    for name, path in places(world).items():
        shown = client.get(path).content.decode().replace(f"{WORD}</mark>", "").replace(path.replace("&", "&amp;"), "")
        asked = shown.replace(f'value="{WORD}"', "").replace(f"“{WORD}”", "")
        if re.search(rf"{WORD} (leaks|is|in|out)|{WORD}Leak|INC-{world.incident.pk}\b", asked):
            leaks.append(name)
    assert leaks == []


def test_a_stranger_finds_it_on_no_page_that_needs_no_number(world: World) -> None:
    client = world.client("editor")
    found = {door.route for door in _plain() if WORD.encode() in _body(client, door.path)}
    assert found == set()


def _body(client: Client, path: str) -> bytes:
    answer = client.get(path)
    return answer.content if hasattr(answer, "content") else b"".join(answer.streaming_content)


def _plain() -> Iterator[Door]:
    return (door for door in doors() if "<" not in door.route and not door.path.startswith(SKIPPED))


@pytest.mark.parametrize("who", ["stranger", "editor"])
def test_to_a_stranger_its_number_is_one_that_there_is_not(world: World, who: str) -> None:
    """At every address of an incident or postmortem, whatever the method: as if it did not exist."""
    client = world.client(who)
    told = {}
    for door in doors():
        if not re.match(r"(api/v1/)?(incidents|postmortems)/<(number|pk)>/", door.route) or "format" in door.route:
            continue
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            here, nowhere = (client.generic(method, _at(door, n)).status_code for n in (world.incident.pk, NONE))
            if here != nowhere:
                told[f"{method} {door.route}"] = (here, nowhere)
    assert told == {}


def _at(door: Door, number: int) -> str:
    return re.sub(r"^(/(?:api/v1/)?(?:incidents|postmortems)/)[^/]+/", rf"\g<1>{number}/", door.path)


def test_it_is_in_no_count_of_a_stranger(world: World) -> None:
    stranger, mate = world.people["stranger"], world.people["teammate"]
    assert (board.open_count(stranger), board.open_count(mate)) == (1, 2)
    assert visible.among(stranger, [world.incident.pk, world.other.pk]) == {world.other.pk}
    charted = {who: world.client(who).get("/api/v1/patterns/months/?months=12").json() for who in world.people}
    assert (charted["stranger"]["incidents"], charted["stranger"]["n"]) == (1, 0)
    assert (charted["teammate"]["incidents"], charted["teammate"]["n"]) == (2, 1)


def test_nothing_can_be_named_that_is_not_seen(world: World) -> None:
    client, number = world.client("stranger"), world.incident.pk
    for path, body in (
        ("/api/v1/timeline/", {"incident": number, "text": "x"}),
        ("/api/v1/findings/", {"incident": number, "layer": "data"}),
        ("/api/v1/moves/", {"came_from": world.other.pk, "alerts": [1], "went_to": number}),
        ("/api/v1/splits/", {"came_from": number, "title": "x", "notes": [1]}),
        (f"/api/v1/incidents/{world.other.pk}/merge/", {"into": number}),
        (f"/api/v1/incidents/{world.other.pk}/links/", {"kind": "relates_to", "other": number}),
    ):
        answer = client.post(path, body, content_type="application/json")
        assert answer.status_code == 422, path
        assert "does not exist" in answer.content.decode(), path
    for path, body in (
        (f"/incidents/{world.other.pk}/merge/", {"into": f"INC-{number}", "reason": "same"}),
        (f"/incidents/{world.other.pk}/link/", {"other": str(number), "kind": "relates_to"}),
        (f"/incidents/{world.other.pk}/move/", {"to": str(number)}),
    ):
        assert "There is no incident with this number." in client.post(path, body).content.decode(), path


def test_a_row_that_names_it_does_not_say_which(world: World) -> None:
    row = TimelineRow.objects.get(incident=world.other, kind="linked")
    assert row.text == f"caused by {world.incident.ref}"
    told = {who: world.client(who).get(f"/api/v1/timeline/{row.pk}/").json() for who in ("stranger", "teammate")}
    assert (told["teammate"]["text"], told["teammate"]["data"]["incident"]) == (row.text, world.incident.pk)
    assert told["stranger"]["text"] == "caused by another incident"
    assert "incident" not in told["stranger"]["data"]


def test_its_alert_is_not_on_its_sources_page(world: World) -> None:
    alert = Alert.objects.get()
    assert world.client("editor").get(f"/api/v1/alerts/{alert.pk}/").status_code == 404
    assert world.client("teammate").get(f"/api/v1/alerts/{alert.pk}/").json()["incident"] == world.incident.pk


# ---- who decides, and who is let in ----


def test_it_is_made_public_again_with_a_reason_and_both_stand_on_its_timeline(world: World) -> None:
    answer = world.client("teammate").post(
        f"/incidents/{world.incident.pk}/private/", {"public": "1", "reason": "The customer agreed."}
    )
    assert answer.status_code == 302
    rows = TimelineRow.objects.filter(incident=world.incident, kind="privacy").order_by("pk")
    assert [(row.text, row.why) for row in rows] == [
        ("private from now on", "It names a customer."),
        ("no longer private", "The customer agreed."),
    ]
    assert world.client("stranger").get(f"/incidents/{world.incident.pk}/").status_code == 200


def test_without_a_reason_it_stays_as_it_is(world: World) -> None:
    answer = world.client("teammate").post(f"/incidents/{world.incident.pk}/private/", {"public": "1", "reason": " "})
    assert answer.status_code == 422
    assert Incident.objects.get(pk=world.incident.pk).private


def test_who_merely_takes_part_does_not_decide() -> None:
    incident = make.incident()
    guest = make.person()
    participating.join(incident, by=guest, now=NOON)
    client = Client()
    client.force_login(guest)
    assert client.post(f"/incidents/{incident.pk}/private/", {"reason": "because"}).status_code == 403
    answer = client.post(
        f"/api/v1/incidents/{incident.pk}/private/", {"reason": "because"}, content_type="application/json"
    )
    assert answer.status_code == 403
    participating.give_role(incident, "lead", to=guest, by=guest, now=NOON)
    answer = client.post(
        f"/api/v1/incidents/{incident.pk}/private/", {"reason": "because"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["private"]) == (200, True)


def test_declared_as_private_it_is_its_declarers_from_the_first_moment_on() -> None:
    declarer, stranger = make.person(), make.person()
    client = Client()
    client.force_login(declarer)
    made = client.post("/api/v1/incidents/", {"title": WORD, "private": True}, content_type="application/json").json()
    assert made["private"] is True
    assert visible.to(declarer).filter(pk=made["number"]).exists()
    assert not visible.to(stranger).filter(pk=made["number"]).exists()
    client.post(
        "/incidents/new/", {"title": "By hand", "severity": "pending", "impact_precision": "unknown", "private": "on"}
    )
    assert Incident.objects.get(title="By hand").private


def test_who_is_brought_in_sees_it_and_who_is_taken_out_no_more(world: World) -> None:
    stranger, lead = world.people["stranger"], world.people["participant"]
    participating.bring_in(world.incident, stranger, by=lead, now=NOON)
    client = world.client("stranger")
    assert client.get(f"/incidents/{world.incident.pk}/").status_code == 200
    assert Notice.objects.filter(person=stranger, path=f"/incidents/{world.incident.pk}/").exists()
    world.client("participant").post(f"/incidents/{world.incident.pk}/people/{stranger.pk}/out/")
    assert client.get(f"/incidents/{world.incident.pk}/").status_code == 404
    assert not Notice.objects.filter(person=stranger, text__contains=WORD).exists()


def test_a_participant_takes_nobody_out_of_a_private_one(world: World) -> None:
    guest = make.person()
    participating.bring_in(world.incident, guest, by=world.people["participant"], now=NOON)
    client = Client()
    client.force_login(guest)
    lead = world.people["participant"]
    assert client.post(f"/incidents/{world.incident.pk}/people/{lead.pk}/out/").status_code == 403
    assert client.post(f"/incidents/{world.incident.pk}/people/{guest.pk}/out/").headers["Location"] == "/"


def test_who_has_the_ball_or_an_action_sees_it(world: World) -> None:
    holder, doer = make.person(), make.person()
    Incident.objects.filter(pk=world.incident.pk).update(ball=holder)
    assert visible.to(holder).filter(pk=world.incident.pk).exists()
    draft = world.incident.postmortem
    acting.add(draft, title="x", owner=doer, by=world.people["participant"], now=NOON)
    assert visible.to(doer).filter(pk=world.incident.pk).exists()


def test_what_people_were_told_is_taken_back_when_it_becomes_private() -> None:
    owner, stranger = make.person(), make.person()
    incident = make.incident(f"{WORD} public", service=make.service(owner=owner), by=owner)
    participating.give_role(incident, "scribe", to=stranger, by=owner, now=NOON)
    participating.take_out(incident, stranger, by=owner, now=NOON)
    assert Notice.objects.filter(person=stranger, text__contains=WORD).exists()
    confiding.make_private(incident, reason="x", by=owner, now=NOON)
    assert not Notice.objects.filter(person=stranger, text__contains=WORD).exists()


def test_who_is_not_to_know_is_named_for_many_at_once(world: World) -> None:
    numbers = (world.incident.pk, world.other.pk)
    pairs = {(person.pk, number) for person in world.people.values() for number in numbers}
    unseen = visible.hidden(pairs)
    each = {
        (person.pk, number)
        for person in world.people.values()
        for number in numbers
        if not visible.among(person, [number])
    }
    assert unseen == each == {(world.people[who].pk, world.incident.pk) for who in ("stranger", "editor")}
    assert visible.hides(world.incident, world.people.values()) == {person for person, _ in each}


def test_an_owner_of_another_time_or_a_corrected_one_sees_nothing(world: World) -> None:
    former, wrong = make.person(), make.person()
    now = timezone.now()
    make.assignment(world.service, former, role="escalation", until=now)
    held = make.assignment(world.service, wrong, role="escalation")
    assert visible.among(wrong, [world.incident.pk])
    type(held).objects.filter(pk=held.pk).update(superseded_at=now)
    assert not visible.among(wrong, [world.incident.pk])
    assert not visible.among(former, [world.incident.pk])


def test_where_no_service_is_named_its_components_owner_sees_it() -> None:
    owner, stranger = make.person(), make.person()
    part = make.component()
    make.assignment(part, owner)
    incident = make.incident(private=True)
    Incident.objects.filter(pk=incident.pk).update(component=part)
    seen = Incident.objects.filter(Q(pk=incident.pk))
    assert seen.filter(visible.clause(owner)).exists()
    assert not seen.filter(visible.clause(stranger)).exists()
    assert visible.hidden({(owner.pk, incident.pk), (stranger.pk, incident.pk)}) == {(stranger.pk, incident.pk)}
