"""Saying who answers for services, components and seams, correcting it, and asking about an instant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ownership import assigning, people
from ownership.models import Assignment, Person, Service
from ownership.queries import owners
from ownership.views.about import About
from tests import factories as make
from tests.ownership.conftest import cost, signed_in

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
KINDS = ["service", "component", "dependency"]
of_each = pytest.mark.parametrize("kind", KINDS)


def made(kind: str) -> Any:
    return {"service": make.service, "component": make.component, "dependency": make.seam}[kind]()


def main_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    text = answer.content.decode()
    return str(text[text.index("<main") : text.index("</main>")])


def answering(kind: str, subject: Any) -> owners.Answering:
    return owners.of_subjects(kind, [subject.pk], at=timezone.now())[subject.pk]


# ---- the card, the same for all three ----


@of_each
def test_every_role_is_given_on_the_card(kind: str, as_editor: Client) -> None:
    subject = made(kind)
    for role in ("accountable", "deputy", "escalation", "custodian"):
        person = make.person(f"The {role}")
        given = {"party": f"person:{person.pk}", "role": role}
        assert as_editor.post(About(subject).answers, given)["Location"] == About(subject).page
    text = main_of(as_editor, About(subject).page)
    for role in ("accountable", "deputy", "escalation", "custodian"):
        assert f"The {role}" in text
    assert answering(kind, subject).words == "The accountable answers"
    assert ("also looks after it" in text) == (kind == "component")


@of_each
def test_a_new_owner_takes_over_from_the_one_that_was_shown(kind: str, as_editor: Client) -> None:
    subject = made(kind)
    shown = make.assignment(subject, make.person("Before"))
    given = {"party": f"person:{make.person('After').pk}", "role": "accountable", "instead_of": shown.pk}
    as_editor.post(About(subject).answers, given)
    assert answering(kind, subject).words == "After answers"
    given["party"] = f"person:{make.person('Slow').pk}"
    answer = as_editor.post(About(subject).answers, given)
    assert (answer.status_code, "look again" in answer.content.decode()) == (422, True)


@of_each
def test_a_team_that_answers_names_one_person(kind: str, as_editor: Client) -> None:
    subject, ada = made(kind), make.person("Ada")
    team = make.team("Payments team", ada, make.person())
    given = {"party": f"team:{team.pk}", "role": "accountable"}
    answer = as_editor.post(About(subject).answers, given)
    assert answer.status_code == 422
    assert "Say who answers for Payments team: choose one of its members." in answer.content.decode()
    as_editor.post(About(subject).answers, {**given, "answering": make.person().pk})
    assert not Assignment.objects.exists()
    as_editor.post(About(subject).answers, {**given, "answering": ada.pk})
    assert "Ada answers" in main_of(as_editor, About(subject).page)
    answer = as_editor.post(About(subject).answers, {"party": f"team:{team.pk}", "role": "deputy"})
    assert "is accountable for it already; choose another deputy" in answer.content.decode()
    other = make.team("Search", make.person(), make.person())
    as_editor.post(About(subject).answers, {"party": f"team:{other.pk}", "role": "deputy"})  # it may stay a team
    assert len(answering(kind, subject).deputies) == 1


@of_each
def test_pages_cost_the_same_with_one_and_with_three(kind: str, as_editor: Client) -> None:
    subject = made(kind)
    costs = []
    for more in (1, 2):
        for _ in range(more):
            team = make.team("", make.person(), make.person())
            for role in ("deputy", "escalation", "custodian"):
                make.assignment(subject, team, role=role)
            row = make.assignment(subject, make.person())
            assigning.retract(row, by=make.person(), now=timezone.now())
        costs.append([cost(as_editor, url) for url in (About(subject).page, About(subject).as_of)])
    assert costs[0] == costs[1]


@of_each
def test_who_stands_in_and_who_is_invited_is_said(kind: str, as_editor: Client, admin: Person) -> None:
    subject, gone = made(kind), make.person("Lee")
    make.assignment(subject, gone)
    make.assignment(subject, make.person("Grace", joined_at=None), role="deputy")
    people.deactivate(gone, by=admin, now=timezone.now())
    text = main_of(as_editor, About(subject).page)
    assert "Lee is accountable on paper" in text
    assert "stands in as deputy" in text
    assert "<small>invited</small>" in text


def test_the_list_says_who_stands_in_and_who_of_a_team_answers(as_editor: Client) -> None:
    ada = make.person("Ada")
    team = make.team("Payments team", ada, make.person())
    make.assignment(make.service("Named"), team, answering=ada)
    make.assignment(make.service("Unnamed"), team)
    make.assignment(make.service("Stood in for"), make.person("Grace"), role="deputy")
    text = main_of(as_editor, "/services/")
    assert "Ada answers" in text
    assert "names nobody yet" in text
    assert "Grace stands in as deputy" in text


def test_a_component_without_an_owner_of_its_own_is_no_alarm(as_editor: Client) -> None:
    assert "alarm" not in main_of(as_editor, About(make.component()).page)
    assert "alarm" in main_of(as_editor, About(make.service()).page)


# ---- a seam's page ----


def test_a_seam_shows_its_two_half_owners(as_editor: Client) -> None:
    service = make.service("Support answers")
    one, other = (make.component(custodian=make.team(name), of=service) for name in ("Platform", "Search"))
    seam = make.seam(one, other, timeout_ms=800, attempts=3, unit="scores in 0..1", freshness_minutes=60)
    text = main_of(as_editor, About(seam).page)
    for words in ("Two half-owners", "Platform", "Search", "800 ms", "scores in 0..1", "60 min", "Support answers"):
        assert words in text
    assert f'href="{About(seam).page}"' in main_of(as_editor, About(one).page)
    make.assignment(seam, make.person("Priya"))
    assert "Two half-owners" not in main_of(as_editor, About(seam).page)


# ---- one row: replace, end, correct, name one person ----


@of_each
def test_a_deputy_is_replaced_and_ended_since_some_time(kind: str, as_editor: Client) -> None:
    subject = made(kind)
    row = make.assignment(subject, make.person("One"), role="deputy")
    as_editor.post(f"/assignments/{row.pk}/replace/", {"party": f"person:{make.person('Two').pk}"})
    (two,) = answering(kind, subject).deputies
    assert str(two.party) == "Two"
    answer = as_editor.post(f"/assignments/{two.row}/end/", {"at": "2001-01-01T08:00"})
    assert (answer.status_code, "after it began" in answer.content.decode()) == (422, True)
    assert as_editor.post(f"/assignments/{two.row}/end/", {"at": ""})["Location"] == About(subject).page
    assert answering(kind, subject).deputies == ()


@of_each
def test_a_correction_is_shown_before_it_is_made(kind: str, as_editor: Client) -> None:
    subject = made(kind)
    row = make.assignment(subject, make.person("Wrong"))
    gone = make.person("Lee Left", is_active=False)
    given = {"party": f"person:{gone.pk}", "since": "2026-10-01T08:00", "until": "2026-10-05T08:00"}
    preview = as_editor.post(f"/assignments/{row.pk}/correct/", given).content.decode()
    for words in ("Wrong", "Lee Left", "On record until now", "Correct it"):
        assert words in preview
    row.refresh_from_db()
    assert row.superseded_at is None
    answer = as_editor.post(f"/assignments/{row.pk}/correct/", {**given, "confirmed": "1"})
    assert answer["Location"] == About(subject).as_of
    row.refresh_from_db()
    assert row.superseded_at is not None
    assert "This held true until" in main_of(as_editor, f"/assignments/{row.pk}/")
    text = main_of(as_editor, f"{About(subject).as_of}?at=2026-10-03T08:00")
    for words in ("As known then", "As corrected", "no longer", "Edith Editor", 'id="corrections"'):
        assert words in text


def test_what_never_was_is_retracted(as_editor: Client) -> None:
    service = make.service()
    row = make.assignment(service, make.person("Never"))
    assert "it never was so" in as_editor.post(f"/assignments/{row.pk}/correct/", {"party": ""}).content.decode()
    as_editor.post(f"/assignments/{row.pk}/correct/", {"party": "", "confirmed": "1"})
    assert answering("service", service).accountable is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"party": "P", "since": ""}, "Say since when"),
        ({"party": "P", "since": "2026-10-05T08:00", "until": "2026-10-01T08:00"}, "must end after it began"),
        ({"party": "P", "since": "2999-10-05T08:00"}, "lies ahead"),
        ({"party": "P", "since": "0101-10-05T08:00"}, "before the year 2000"),
        ({"party": "P", "since": "2026-10-05T08:00", "answering": "P"}, "answers for themselves"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_with_the_text_kept(
    as_editor: Client, given: dict[str, str], words: str
) -> None:
    row, person = make.assignment(make.service(), make.person()), make.person()
    data = {**given, "party": f"person:{person.pk}", "confirmed": "1"}
    if "answering" in data:
        data["answering"] = str(person.pk)
    answer = as_editor.post(f"/assignments/{row.pk}/correct/", data)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 302), ("teammate", 302), ("stranger", 403), ("viewer", 403), ("editor", 302)]
)
def test_a_team_names_one_of_its_own(who: str, status: int, editor: Person) -> None:
    ada, teammate = make.person("Ada", role="viewer"), make.person("Jonas", role="viewer")
    service, team = make.service(), make.team("Payments team", ada, teammate)
    row = make.assignment(service, team, answering=teammate)
    everybody = {
        "owner": ada,
        "teammate": teammate,
        "stranger": make.person(),
        "viewer": make.person(role="viewer"),
        "editor": editor,
    }
    client = signed_in(everybody[who])
    assert ("Name them" in main_of(client, f"/assignments/{row.pk}/")) == (status == 302)
    assert client.post(f"/assignments/{row.pk}/answering/", {"answering": ada.pk}).status_code == status
    named = answering("service", service).accountable
    assert str(named and named.answering) == ("Ada" if status == 302 else "Jonas")
    stranger = make.person()
    row = Assignment.objects.get(superseded_at=None, during__contains=timezone.now())
    answer = client.post(f"/assignments/{row.pk}/answering/", {"answering": stranger.pk})
    assert answer.status_code == (422 if status == 302 else 403)


# ---- the page of an instant ----


def test_the_page_of_an_instant_has_an_address_and_says_both(as_editor: Client) -> None:
    service = make.service("Support answers")
    Service.objects.update(created_at=timezone.now() - 300 * DAY)
    make.assignment(service, make.person("Priya"), since=timezone.now() - 100 * DAY)
    at = timezone.now() - 50 * DAY
    text = main_of(as_editor, f"{About(service).as_of}?at={at:%Y-%m-%dT%H:%M}")
    assert text.count("accountable since") == 2
    assert "Nothing about this instant was corrected" in text
    assert 'class="held tone-0"' in text
    assert 'fill="url(#unowned)"' in text
    assert "Without an owner for <b>200 d" in text
    text = main_of(as_editor, f"{About(service).as_of}?at={at:%Y-%m-%dT%H:%M}&known_at=2001-01-01T00:00")
    assert text.count("accountable since") == 1
    assert "1 Jan 2001" in text


@pytest.mark.parametrize("query", ["?at=yesterday", "?at=0001-01-01T00:00", "?at=9999-12-31T23:59", "?known_at=x"])
def test_an_instant_that_is_none_is_refused_on_the_page(as_editor: Client, query: str) -> None:
    text = main_of(as_editor, f"{About(make.service()).as_of}{query}", 422)
    assert "Who was accountable over time" in text


def test_an_instant_ahead_shows_what_is_settled(as_editor: Client) -> None:
    at = timezone.now() + 50 * DAY
    assert "This lies ahead" in main_of(as_editor, f"{About(make.component()).as_of}?at={at:%Y-%m-%dT%H:%M}")
