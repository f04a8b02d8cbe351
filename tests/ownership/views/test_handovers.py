"""The pages of a hand-over: every POST by everybody, with and without htmx, and what the pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.postmortems.models import Action
from ownership import assigning, handing_over, people
from ownership.models import Handover, Person, Service, Team
from ownership.queries import owners
from tests import factories as make
from tests.ownership.conftest import cost, signed_in
from tests.ownership.proposals import proposal
from tests.ownership.world import fingerprint

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PAGE = "/services/support-answers/"


@dataclass
class Scene:
    """A service of Priya's that the answers team is asked to take over, and everybody around."""

    service: Service
    team: Team
    asked: Handover
    people: dict[str, Person]


@pytest.fixture
def scene(db: None) -> Scene:
    """Proposer and recipient are mere viewers: what counts is that they answer for it, or are asked."""
    proposer, recipient = make.person("Priya", role="viewer"), make.person("Tomás", role="viewer")
    teammate = make.person("Jonas", role="viewer")
    team = make.team("Answers team", recipient, teammate)
    service = make.service("Support answers", owner=proposer)
    everybody = {
        "proposer": proposer,
        "recipient": recipient,
        "teammate": teammate,
        "stranger": make.person("Sam"),
        "viewer": make.person("Vera", role="viewer"),
        "editor": make.person("Edith", role="editor"),
        "admin": make.person("Ada", role="admin"),
    }
    asked = proposal(team, subject=service, by=proposer, now=timezone.now())
    return Scene(service, team, asked, everybody)


EVERYBODY = ["proposer", "recipient", "teammate", "stranger", "viewer", "editor", "admin"]
MAY = {
    "hand-over": {"proposer", "editor", "admin"},
    "accept": {"recipient", "teammate", "admin"},
    "decline": {"recipient", "teammate", "admin"},
    "withdraw": {"proposer", "editor", "admin"},
}


def sent(client: Client, scene: Scene, verb: str, *, htmx: bool) -> Any:
    if verb == "hand-over":
        Handover.objects.all().delete()
        url, data = f"{PAGE}hand-over/", {"to": f"person:{scene.people['recipient'].pk}", "note": "Please."}
    else:
        url, data = f"/hand-overs/{scene.asked.pk}/{verb}/", {"reason": "No time."} if verb == "decline" else {}
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"} if htmx else {}
    return client.post(url, data, headers=headers)


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("verb", MAY)
def test_who_may_does_and_nobody_else(scene: Scene, verb: str, who: str, htmx: bool) -> None:
    client = signed_in(scene.people[who])
    if verb == "hand-over":
        Handover.objects.all().delete()
    before = fingerprint()
    answer = sent(client, scene, verb, htmx=htmx)
    if who not in MAY[verb]:
        assert answer.status_code == 403
        assert fingerprint() == before
        return
    assert fingerprint() != before
    made = Handover.objects.get()
    where = answer["HX-Redirect"] if htmx else answer["Location"]
    assert (answer.status_code, where) == (200 if htmx else 302, f"/hand-overs/{made.pk}/")
    words = {"hand-over": "proposed", "accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}
    assert made.state == words[verb]


@pytest.mark.parametrize("verb", MAY)
def test_who_is_not_signed_in_is_sent_to_sign_in(scene: Scene, verb: str) -> None:
    answer = sent(Client(), scene, verb, htmx=False)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    answer = sent(Client(), scene, verb, htmx=True)
    assert answer["HX-Redirect"].startswith("/accounts/login/?next=")
    assert Handover.objects.filter(state__in=["accepted", "declined", "withdrawn"]).count() == 0


@pytest.mark.parametrize("verb", ["accept", "decline", "withdraw"])
def test_whoever_comes_back_after_signing_in_is_led_to_a_page(scene: Scene, verb: str) -> None:
    answer = signed_in(scene.people["admin"]).get(f"/hand-overs/{scene.asked.pk}/{verb}/", follow=True)
    assert (answer.status_code, Handover.objects.get().state) == (200, "proposed")


def test_who_left_the_team_no_longer_answers_for_it(scene: Scene) -> None:
    scene.team.members.remove(scene.people["teammate"])
    assert sent(signed_in(scene.people["teammate"]), scene, "accept", htmx=False).status_code == 403


def shown(scene: Scene, who: str, url: str, status: int = 200) -> str:
    answer = signed_in(scene.people[who]).get(url)
    assert answer.status_code == status
    text = answer.content.decode()
    return str(text[text.index("<main") : text.index("</main>")])


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_sees_the_buttons_they_can_use(scene: Scene, who: str) -> None:
    text = shown(scene, who, f"/hand-overs/{scene.asked.pk}/")
    for verb in ("accept", "decline", "withdraw"):
        assert (f"/{verb}/" in text) == (who in MAY[verb]), verb


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_service_offers_to_hand_over_to_who_may(scene: Scene, who: str) -> None:
    asked = f"/hand-overs/{scene.asked.pk}/"
    text = shown(scene, who, PAGE)
    assert "Answers team is asked to take over" in text
    assert asked in text
    assert f"{PAGE}hand-over/" not in text  # one proposal at a time
    Handover.objects.all().delete()
    text = shown(scene, who, PAGE)
    assert (f"{PAGE}hand-over/" in text) == (who in MAY["hand-over"])


def test_a_member_of_the_team_that_answers_hands_over(scene: Scene) -> None:
    handing_over.accept(scene.asked, by=scene.people["recipient"], now=timezone.now())
    assert "hand-over/" in shown(scene, "teammate", PAGE)
    assert "Answers team" in shown(scene, "teammate", f"{PAGE}hand-over/")
    shown_to_former = signed_in(scene.people["proposer"]).get(f"{PAGE}hand-over/")
    assert shown_to_former.status_code == 403


# ---- what can go wrong ----


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"to": ""}, "This field is required"),
        ({"to": "person:999999"}, "Choose somebody from the list"),
        ({"to": "{proposer}"}, "They answer for it already"),
        ({"effective_at": "2001-01-01T10:00"}, "choose a time from then on"),
        ({"effective_at": "soon"}, "Enter a valid date/time"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_what_cannot_be_used_is_said_and_the_words_stay(
    scene: Scene, given: dict[str, str], words: str, htmx: bool
) -> None:
    Handover.objects.all().delete()
    keys = {who: f"person:{person.pk}" for who, person in scene.people.items()}
    data = {
        "to": keys["recipient"],
        "note": "Kept words.",
        **{name: value.format(**keys) for name, value in given.items()},
    }
    headers = {"HX-Request": "true"} if htmx else {}
    answer = signed_in(scene.people["proposer"]).post(f"{PAGE}hand-over/", data, headers=headers)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Kept words." in answer.content.decode()
    assert not Handover.objects.exists()


def test_a_second_proposal_is_refused_with_words(scene: Scene) -> None:
    data = {"to": f"person:{scene.people['viewer'].pk}"}
    answer = signed_in(scene.people["editor"]).post(f"{PAGE}hand-over/", data)
    assert answer.status_code == 422
    assert "withdraw that" in answer.content.decode()


def test_declining_asks_why(scene: Scene) -> None:
    answer = signed_in(scene.people["recipient"]).post(f"/hand-overs/{scene.asked.pk}/decline/", {"reason": " "})
    assert answer.status_code == 422
    assert '<details class="more-gap" open' in answer.content.decode()
    assert Handover.objects.get().state == "proposed"


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_who_comes_second_is_told_so(scene: Scene, htmx: bool) -> None:
    sent(signed_in(scene.people["recipient"]), scene, "accept", htmx=htmx)
    answer = sent(signed_in(scene.people["teammate"]), scene, "accept", htmx=htmx)
    assert answer.status_code == 409
    assert "This hand-over is accepted already" in answer.content.decode()


@pytest.mark.parametrize("url", ["/hand-overs/999999/", "/services/none/hand-over/"])
def test_what_is_not_there_is_not_found(scene: Scene, url: str) -> None:
    shown(scene, "admin", url, 404)


def test_a_retired_service_is_not_handed_over(scene: Scene) -> None:
    Service.objects.update(retired_at=timezone.now())
    shown(scene, "admin", f"{PAGE}hand-over/", 404)


# ---- what the pages say ----


def test_the_page_tells_what_became_of_it(scene: Scene) -> None:
    url = f"/hand-overs/{scene.asked.pk}/"
    handing_over.decline(scene.asked, reason="On *leave*.", by=scene.people["recipient"], now=timezone.now())
    text = shown(scene, "viewer", url)
    assert "Declined" in text
    assert "On <em>leave</em>." in text
    assert "by Tomás" in text
    assert "What comes along" not in text
    assert "from the moment of accepting" not in text


def test_a_proposal_past_its_time_reads_expired_before_anybody_noted_it(scene: Scene) -> None:
    Handover.objects.update(proposed_at=timezone.now() - 20 * DAY, expires_at=timezone.now() - DAY)
    text = shown(scene, "recipient", f"/hand-overs/{scene.asked.pk}/")
    assert "Expired" in text
    assert "/accept/" not in text
    assert "is asked to take over" not in shown(scene, "recipient", PAGE)


def test_open_incidents_and_open_actions_come_along(scene: Scene) -> None:
    assert "Nothing is open" in shown(scene, "recipient", f"/hand-overs/{scene.asked.pk}/")
    other = make.service("Other")
    for number in range(7):
        make.incident(f"Open {number}", service=scene.service, now=timezone.now())
    make.incident("Not ours", service=other)
    reviewed = make.incident("Reviewed", service=scene.service, now=timezone.now())
    action(reviewed, "Cap the retries", due_on=timezone.localdate() - DAY)
    action(reviewed, "Done long ago", done=True)
    action(make.incident("Also not ours", service=other), "Not our action")
    for who, url in (("recipient", f"/hand-overs/{scene.asked.pk}/"), ("proposer", f"{PAGE}hand-over/")):
        text = shown(scene, who, url)
        assert "8 come along" in text
        assert "1 comes along" in text
        assert "and 3 more" in text
        assert "Cap the retries" in text
        assert "overdue since" in text
        assert "ot our" not in text
        assert "Done long ago" not in text


def action(incident: Any, title: str, *, done: bool = False, **fields: Any) -> Action:
    """An action of a draft, made by hand: the acts of the wing are tested there."""
    from incidents.postmortems import drafting

    by = make.person()
    postmortem = getattr(incident, "postmortem", None) or drafting.start(incident, by=by, now=timezone.now())
    if done:
        fields |= {"done_at": timezone.now(), "done_by": by}
    return Action.objects.create(postmortem=postmortem, title=title, created_by=by, **fields)


def test_my_page_and_the_rail_say_what_waits_for_me(scene: Scene) -> None:
    proposal(scene.people["recipient"], now=timezone.now())
    for who, count in (("recipient", 2), ("teammate", 1), ("stranger", 0), ("proposer", 0)):
        text = signed_in(scene.people[who]).get("/people/me/").content.decode()
        assert text.count("Take over ") == count, who
        assert (f'Waits for me <span class="count">{count}</span>' in text) == (count > 0)
        assert ("Nothing. When somebody asks" in text) == (who == "stranger")  # the proposer has not said yes yet
    handing_over.accept(scene.asked, by=scene.people["recipient"], now=timezone.now())
    text = signed_in(scene.people["teammate"]).get("/people/me/").content.decode()
    assert "Nothing. When somebody asks" in text
    assert "Support answers" in text  # which the team answers for now


def test_until_its_time_the_old_owner_answers(scene: Scene) -> None:
    Handover.objects.update(effective_at=timezone.now() + 3 * DAY)
    assert "until then Priya does" in shown(scene, "viewer", f"/hand-overs/{scene.asked.pk}/")
    sent(signed_in(scene.people["recipient"]), scene, "accept", htmx=False)
    for days, name in ((2, "Priya"), (4, "Answers team")):
        held = owners.of_services([scene.service.pk], at=timezone.now() + days * DAY)[scene.service.pk].accountable
        assert str(held and held.party) == name
    text = shown(scene, "proposer", PAGE)
    assert "Answers team takes over" in text
    assert f"{PAGE}hand-over/" not in text
    current = handing_over.accountable_row(scene.service, at=timezone.now() + 4 * DAY)
    assert current is not None
    assigning.end(current, at=timezone.now() + 5 * DAY, by=scene.people["editor"], now=timezone.now())
    assert "Answers team takes over" in shown(scene, "proposer", PAGE)
    assigning.replace(
        handing_over.accountable_row(scene.service, at=timezone.now()) or current,
        party=scene.people["editor"],
        at=timezone.now(),
        by=scene.people["editor"],
        now=timezone.now(),
    )
    assert "Answers team takes over" not in shown(scene, "proposer", PAGE)  # it is no longer true


def test_an_editor_hands_over_for_who_is_gone(scene: Scene) -> None:
    people.deactivate(scene.people["proposer"], by=scene.people["admin"], now=timezone.now())
    sent(signed_in(scene.people["recipient"]), scene, "accept", htmx=False)
    assert "Nobody answers" not in shown(scene, "editor", PAGE)


# ---- what they cost ----


def test_pages_cost_the_same_with_one_and_with_three(scene: Scene) -> None:
    recipient = signed_in(scene.people["recipient"])
    urls = ("/people/me/", f"/hand-overs/{scene.asked.pk}/", f"{PAGE}hand-over/", PAGE)
    clients = [recipient, recipient, signed_in(scene.people["editor"]), recipient]
    costs = []
    for more in (1, 2):
        for _ in range(more):
            proposal(scene.people["recipient"], now=timezone.now())
            proposal(scene.team, now=timezone.now())
            action(make.incident(service=scene.service, now=timezone.now()), "Something", owner=make.person())
        costs.append([cost(client, url) for client, url in zip(clients, urls, strict=True)])
    assert costs[0] == costs[1]
