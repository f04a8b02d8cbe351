"""The board of actions: what narrows it, how it is ordered and paged, steps in its rows, and its CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.postmortems import acting, settling
from incidents.postmortems.models import Action
from incidents.postmortems.queries import rail
from incidents.response import confiding
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import htmx, signed_in

pytestmark = pytest.mark.django_db
BOARD = "/actions/"
SHOWN: dict[str, Any] = {"evidence": "link", "ref": "https://ci.example.org/7", "note": "green"}


@pytest.fixture
def priya() -> Person:
    return make.person("Priya Nair")


def titles(client: Client, query: str = "") -> list[str]:
    shown = client.get(f"{BOARD}?{query}").content.decode()
    return re.findall(r'<a class="title" href="/postmortems/\d+/#action-\d+">([^<]+)</a>', shown)


def day(offset: int) -> date:
    return timezone.localdate() + timedelta(days=offset)


@pytest.fixture
def world(maya: Person, priya: Person) -> dict[str, Action]:
    """Two services, five states, several owners; Maya wrote it all down."""
    team = make.team("Answers team", maya)
    answers = review.draft(by=maya, service=make.service("Support answers"))
    fraud = review.draft(by=maya, service=make.service("Fraud score"), mode="data.schema_drift")
    (line,) = [one.line for one in review.standing(fraud)]
    made = {
        "mine": review.action(answers, "Mine", due_on=day(9), priority="high", kind="monitor"),
        "team": review.action(answers, "Of my team", owner=None, owner_team=team, due_on=day(-3)),
        "hers": review.action(fraud, "Hers", owner=priya, due_on=day(2), finding_line=line),
        "done": review.action(fraud, "Done by her", owner=priya, due_on=day(5)),
        "verified": review.action(answers, "Verified", owner=priya, due_on=day(1)),
        "declined": review.action(answers, "Declined", due_on=day(1)),
        "snoozed": review.action(answers, "Snoozed", owner=priya, due_on=day(-1)),
        "nobody": review.action(fraud, "Of nobody", owner=None, due_on=None),
    }
    for name in ("done", "verified"):
        settling.mark_done(made[name], by=priya, now=LATER)
    settling.verify(made["verified"], **SHOWN, by=maya, now=LATER)
    settling.decline(made["declined"], reason="Too dear.", by=maya, now=LATER)
    settling.snooze(made["snoozed"], until=day(4), reason="Freeze.", by=priya, now=timezone.now())
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Of my team", "Mine"]),
        ("owner=me&state=overdue", ["Of my team"]),
        ("owner=anyone", ["Of my team", "Snoozed", "Hers", "Done by her", "Mine", "Of nobody"]),
        ("owner=anyone&state=open", ["Of my team", "Snoozed", "Hers", "Mine", "Of nobody"]),
        ("owner=anyone&state=overdue", ["Of my team", "Snoozed"]),
        ("owner=anyone&state=snoozed", ["Snoozed"]),
        ("owner=anyone&state=waiting", ["Done by her"]),
        ("owner=anyone&state=mine_to_verify", ["Done by her"]),
        ("owner=anyone&state=verified", ["Verified"]),
        ("owner=anyone&state=wont_do", ["Declined"]),
        ("owner=priya.nair@example.org", ["Snoozed", "Hers", "Done by her"]),
        ("owner=Answers team", ["Of my team"]),
        ("owner=anyone&service=fraud-score", ["Hers", "Done by her", "Of nobody"]),
        ("owner=anyone&kind=monitor", ["Mine"]),
        ("owner=anyone&priority=high", ["Mine"]),
        ("owner=anyone&layer=data", ["Hers"]),
        ("owner=anyone&layer=model", []),
        ("owner=anyone&group=service&state=open", ["Hers", "Of nobody", "Of my team", "Snoozed", "Mine"]),
        ("owner=anyone&group=owner", ["Of nobody", "Of my team", "Mine", "Snoozed", "Hers", "Done by her"]),
    ],
)
def test_the_address_narrows_it(world: dict[str, Action], responder: Client, query: str, expected: list[str]) -> None:
    Person.objects.filter(name="Priya Nair").update(email="priya.nair@example.org")
    assert titles(responder, query) == expected


def test_settled_ones_are_the_latest_first_and_not_grouped(world: dict[str, Action], responder: Client) -> None:
    assert titles(responder, "owner=anyone&state=all&group=owner")[:2] == ["Of nobody", "Snoozed"]
    assert 'scope="rowgroup"' not in responder.get(f"{BOARD}?state=all&group=owner&owner=anyone").content.decode()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("state=forgotten", "is no state"),
        ("owner=who@example.org", "Nobody and no team is known"),
        ("service=nowhere", "No service is called"),
        ("layer=moon", "is no layer"),
    ],
)
def test_what_cannot_be_used_is_said_and_does_not_narrow(
    world: dict[str, Action], responder: Client, query: str, said: str
) -> None:
    answer = responder.get(f"{BOARD}?{query}")
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert responder.get(f"{BOARD}export.csv?{query}").status_code == 422


@pytest.mark.parametrize("group", ["", "owner", "service"])
def test_it_is_paged_and_no_action_is_lost_or_told_twice(responder: Client, maya: Person, group: str) -> None:
    services = [review.draft(by=maya, service=make.service()) for _ in range(2)]
    names = [f"Action {number}" for number in range(60)]
    for number, name in enumerate(names):
        due = None if number % 7 == 0 else day(number % 5)
        review.action(services[number % 2], name, due_on=due, owner=None if number % 3 == 0 else maya)
    query = f"owner=anyone&group={group}"
    first = responder.get(f"{BOARD}?{query}").content.decode()
    after = re.search(r'rel="next" href="\?([^"]+)"', first)
    assert after is not None
    following = after[1].replace("&amp;", "&")
    seen = titles(responder, query) + titles(responder, following)
    assert (len(titles(responder, query)), sorted(seen)) == (50, sorted(names))
    back = re.search(r'rel="prev" href="\?([^"]+)"', responder.get(f"{BOARD}?{following}").content.decode())
    assert back is not None
    assert titles(responder, back[1].replace("&amp;", "&")) == titles(responder, query)


@pytest.mark.parametrize("items", [1, 3])
def test_it_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: Any, responder: Client, maya: Person, priya: Person, items: int
) -> None:
    for number in range(items):
        postmortem = review.draft(by=maya, service=make.service())
        (finding,) = review.standing(postmortem)
        one = review.action(postmortem, f"Action {number}", owner=priya, finding_line=finding.line)
        settling.mark_done(one, by=priya, now=LATER)
        settling.verify(one, **SHOWN, by=maya, now=LATER)
    query = "owner=anyone&state=all&group=owner"
    responder.get(f"{BOARD}?{query}")
    with django_assert_num_queries(12):
        assert len(titles(responder, query)) == items


# ---- steps in its rows ----


def test_a_button_of_a_row_answers_with_the_row(responder: Client, world: dict[str, Action]) -> None:
    one = world["mine"]
    where = f"/actions/{one.pk}/done/?back=/actions/%3Fowner%3Danyone"
    shown = responder.post(where, headers=htmx(f"row-{one.pk}")).content.decode()
    assert shown.strip().startswith(f'<tr id="row-{one.pk}"')
    assert "Done, to be verified" in shown
    assert "Not done after all" in shown
    assert ">Verify<" not in shown  # not by who did it


def test_without_a_script_it_leads_back_to_the_board(responder: Client, world: dict[str, Action]) -> None:
    one = world["hers"]
    back = "/actions/?owner=anyone"
    where = f"/actions/{one.pk}/snooze/?back={back.replace('?', '%3F').replace('=', '%3D')}"
    assert "No reminders before" in responder.get(where).content.decode()
    answer = responder.post(where, {"until": str(day(3)), "reason": "Freeze."})
    assert (answer.status_code, answer["Location"]) == (302, back)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/actions/", "/accounts/logout/"])
def test_it_leads_nowhere_else(responder: Client, world: dict[str, Action], back: str) -> None:
    one = world["hers"]
    answer = responder.post(f"/actions/{one.pk}/done/?back={back}")
    assert answer["Location"] == f"/postmortems/{one.postmortem.incident_id}/#action-{one.pk}"


@pytest.mark.parametrize("target", ["", "actions", "row"])
@pytest.mark.parametrize(
    "refused",
    [
        ("snooze", {"until": "2020-01-01", "reason": "kept words"}, "Choose a day after today."),
        ("wont-do", {"reason": " "}, "Say why"),
        ("ticket", {"url": "javascript:alert(1)", "state": "open"}, "begins with https://"),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused_in_its_place(
    responder: Client, world: dict[str, Action], target: str, refused: tuple[str, dict[str, str], str]
) -> None:
    step, said, wrong = refused
    one = world["mine"]
    aim = f"row-{one.pk}" if target == "row" else target
    before = Action.objects.filter(pk=one.pk).values().get()
    answer = responder.post(f"/actions/{one.pk}/{step}/", said, headers=htmx(aim) if aim else {})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert wrong in shown
    assert ("<html" in shown) == (target == "")
    assert Action.objects.filter(pk=one.pk).values().get() == before


@pytest.mark.parametrize("target", ["", "actions", "row"])
def test_verifying_with_a_form(responder: Client, world: dict[str, Action], target: str) -> None:
    one = world["done"]
    headers = htmx(f"row-{one.pk}" if target == "row" else target) if target else {}
    where = f"/actions/{one.pk}/verify/"
    assert "What it says" in responder.get(where, headers=headers).content.decode()
    answer = responder.post(where, SHOWN, headers=headers)
    assert answer.status_code == (200 if target else 302)
    assert Action.objects.get(pk=one.pk).state == "verified"
    assert responder.post(f"/actions/{one.pk}/snooze/", {"until": str(day(3)), "reason": "x"}).status_code == 409


def test_its_doer_and_its_owner_are_refused(world: dict[str, Action], priya: Person) -> None:
    one = world["done"]
    for step in ("verify", "send-back"):
        assert signed_in(priya).post(f"/actions/{one.pk}/{step}/", SHOWN).status_code == 403
    assert Action.objects.get(pk=one.pk).state == "done"


def test_a_viewer_reads_and_changes_nothing(world: dict[str, Action]) -> None:
    viewer = signed_in(make.person(role="viewer"))
    assert "Mine" in titles(viewer, "owner=anyone")
    assert "hx-post" not in viewer.get(f"{BOARD}?owner=anyone").content.decode()
    for step in ("done", "snooze", "wont-do", "ticket"):
        assert viewer.post(f"/actions/{world['mine'].pk}/{step}/", {"reason": "x"}).status_code == 403


def test_what_is_no_step_is_not_there(responder: Client, world: dict[str, Action]) -> None:
    assert responder.post(f"/actions/{world['mine'].pk}/forget/").status_code == 404
    assert responder.get(f"/actions/{world['mine'].pk}/done/").status_code == 405


def test_of_a_private_incident_strangers_see_and_do_nothing(maya: Person, world: dict[str, Action]) -> None:
    incident = world["mine"].postmortem.incident
    confiding.make_private(incident, reason="It names a customer.", by=maya, now=NOON)
    stranger = signed_in(make.person())
    assert set(titles(stranger, "owner=anyone")) == {"Hers", "Done by her", "Of nobody"}
    assert "Of my team" not in stranger.get(f"{BOARD}export.csv?owner=anyone").content.decode()
    assert stranger.post(f"/actions/{world['mine'].pk}/done/").status_code == 404


def test_the_rail_counts_ones_own_open_ones(maya: Person, priya: Person, world: dict[str, Action]) -> None:
    assert rail.waiting(maya)[rail.ACTIONS] == 2  # by name, and through a team
    assert rail.waiting(priya)[rail.ACTIONS] == 1  # not what is done, nor what is snoozed
    assert rail.waiting(make.person())[rail.ACTIONS] == 0


def test_the_rows_as_csv(responder: Client, world: dict[str, Action], maya: Person) -> None:
    acting.add(world["mine"].postmortem, title="=HYPERLINK(1)", owner=maya, by=maya, now=LATER)
    answer = responder.get(f"{BOARD}export.csv?owner=anyone&state=all")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == len(world) + 1
    by_title = {row["action"]: row for row in rows}
    assert "'=HYPERLINK(1)" in by_title
    verified = by_title["Verified"]
    assert (verified["state"], verified["verified_by"], verified["evidence"]) == (
        "verified",
        "Maya Okafor",
        SHOWN["ref"],
    )
    assert (by_title["Hers"]["layer"], by_title["Hers"]["service"]) == ("data", "Fraud score")
    only = responder.get(f"{BOARD}export.csv?owner=anyone&state=snoozed").content.decode()
    assert ("Snoozed" in only, "Hers" in only) == (True, False)
