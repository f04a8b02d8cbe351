"""The card "Who answers": its words, its form, asking for a yes; and the page of a row whose time is over."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ownership import assigning, people
from ownership.models import Assignment, Notice, Person
from ownership.views.about import About
from tests import factories as make
from tests.factories import NOON
from tests.ownership.conftest import HTMX, signed_in

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SERVICE = "/services/answers/"


def text_of(client: Client, url: str) -> str:
    """What somebody reads there."""
    content = client.get(url).content.decode()
    main = content[content.index("<main") : content.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace(" ,", ",").replace(" ;", ";")


def chosen(client: Client, url: str) -> tuple[str, bool]:
    """(the role that the form offers first, whether it lies open)."""
    content = client.get(url).content.decode()
    form = content[content.index('id="answers"') :]
    found = re.search(r'value="(\w+)" selected', form[form.index('name="role"') :])
    return found[1] if found else "", 'class="more-gap" open' in form


def over(editor: Person, role: str = "accountable") -> tuple[Any, Assignment]:
    service = make.service("Answers")
    row = make.assignment(service, make.person("Before"), role=role, since=NOON - 9 * DAY)
    row = assigning.end(row, at=NOON - 3 * DAY, by=editor, now=timezone.now())
    make.assignment(service, make.person("Current"), role=role, since=NOON - 3 * DAY)
    return service, row


@pytest.mark.parametrize("role", ["accountable", "deputy"])
def test_what_is_over_can_only_be_corrected(role: str, as_editor: Client, editor: Person) -> None:
    service, row = over(editor, role)
    text = text_of(as_editor, f"/assignments/{row.pk}/")
    assert "It was otherwise" in text
    assert "Somebody else takes it" not in text
    assert "It ended" not in text
    given = {"party": f"person:{make.person('New').pk}"}
    for url in ("replace", "end"):
        assert as_editor.post(f"/assignments/{row.pk}/{url}/", {**given, "at": ""}).status_code == 422
    assert not Assignment.objects.filter(person__name="New").exists()
    assert "Current" in text_of(as_editor, About(service).page)


def test_the_form_offers_to_replace_and_a_cure_opens_it_for_a_deputy(as_editor: Client) -> None:
    make.service("Answers", owner=make.person("Ann"))
    assert chosen(as_editor, SERVICE) == ("accountable", False)
    assert chosen(as_editor, f"{SERVICE}?as=deputy") == ("deputy", True)
    assert chosen(as_editor, f"{SERVICE}?as=nonsense") == ("accountable", False)
    assert f'href="{SERVICE}?as=deputy#answers"' in as_editor.get(SERVICE).content.decode()
    assert "Change or add who answers" in text_of(as_editor, SERVICE)


def test_an_instant_left_as_shown_stays_exact(as_editor: Client) -> None:
    service = make.service("Answers")
    since = NOON - 9 * DAY + timedelta(seconds=42, microseconds=7)
    until = NOON - 3 * DAY + timedelta(seconds=13)
    row = make.assignment(service, make.person("Wrong"), since=since)
    row = assigning.end(row, at=until, by=make.person(), now=timezone.now())
    make.assignment(service, make.person("Next"), since=until)
    given = {"party": f"person:{make.person('Right').pk}", "since": f"{since:%Y-%m-%dT%H:%M}"}
    ends = {"until": f"{until:%Y-%m-%dT%H:%M}", "confirmed": "1"}
    assert as_editor.post(f"/assignments/{row.pk}/correct/", {**given, **ends}).status_code == 302
    made = Assignment.objects.get(person__name="Right")
    assert (made.during.lower, made.during.upper) == (since, until)
    ends["until"] = f"{until - DAY:%Y-%m-%dT%H:%M}"
    as_editor.post(f"/assignments/{made.pk}/correct/", {**given, **ends})
    made = Assignment.objects.get(person__name="Right", superseded_at=None)
    assert (made.during.lower, made.during.upper) == (since, until.replace(second=0) - DAY)


def test_a_vacant_service_says_who_stands_in_once(as_editor: Client, admin: Person) -> None:
    ann, ben = make.person("Ann"), make.person("Ben Roe")
    service = make.service("Answers", owner=ann)
    crew = make.team("Answers crew", ben, make.person("Cleo"))
    make.assignment(service, crew, role="deputy", answering=ben)
    assert "deputy: AC Answers crew · Ben Roe answers" in text_of(as_editor, SERVICE)
    people.deactivate(ann, by=admin, now=timezone.now())
    people.deactivate(ben, by=admin, now=timezone.now())
    text = text_of(as_editor, SERVICE)
    assert "Nobody answers for this any more" in text
    assert "stands in as deputy: AC Answers crew; Ben Roe, who answered, is no longer here" in text
    assert text.count("Ben Roe, who answered") == 1
    assert "Nobody answers for this yet" in text_of(as_editor, About(make.service("Fresh")).page)


def test_an_editor_asks_for_a_yes_and_the_owner_says_it(as_editor: Client) -> None:
    ann = make.person("Ann", role="viewer")
    row = make.service("Answers", owner=ann).assignments.get()
    assert "Ask for a yes" in text_of(as_editor, SERVICE)
    answer = as_editor.post(f"/assignments/{row.pk}/remind/", {"back": SERVICE})
    assert answer.headers["Location"] == SERVICE
    assert Notice.objects.filter(person=ann).exists()
    assert "Say whether you answer for Answers" in text_of(signed_in(ann), "/people/me/")
    assert "Yes, I answer for it" in text_of(signed_in(ann), SERVICE)
    assert "Ask for a yes" not in text_of(signed_in(ann), SERVICE)
    signed_in(ann).post(f"/assignments/{row.pk}/confirm/")
    assert "Ask for a yes" not in text_of(as_editor, SERVICE)
    assert "Say whether" not in text_of(signed_in(ann), "/people/me/")


def test_of_a_team_who_is_named_is_asked_for_the_yes() -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    make.assignment(make.service("Answers"), make.team("Crew", ann, ben), answering=ann)
    assert "Say whether Crew answers for Answers" in text_of(signed_in(ann), "/people/me/")
    assert "Say whether" not in text_of(signed_in(ben), "/people/me/")


def test_who_was_taken_out_of_the_team_is_not_asked_and_its_members_are(as_editor: Client) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    team = make.team("Crew", ann, ben)
    row = make.assignment(make.service("Answers"), team, answering=ann)
    as_editor.post(f"/teams/crew/members/{ann.pk}/remove/")
    assert "Say whether" not in text_of(signed_in(ann), "/people/me/")
    assert "Say whether Crew answers for Answers" in text_of(signed_in(ben), "/people/me/")
    assert "Ann, who answered, is in it no more" in text_of(as_editor, SERVICE)
    assert signed_in(ann).post(f"/assignments/{row.pk}/confirm/").status_code == 403
    assert signed_in(ben).post(f"/assignments/{row.pk}/confirm/").status_code == 302


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_was_done_is_said(headers: dict[str, str], as_editor: Client) -> None:
    make.service("Answers")
    said = {"accountable": "Ann Ode is accountable for Answers.", "deputy": "Bo Lund is deputy for Answers."}
    for (role, words), name in zip(said.items(), ("Ann Ode", "Bo Lund"), strict=True):
        given = {"party": f"person:{make.person(name).pk}", "role": role}
        target = {"HX-Target": "answers"} if headers else {}
        answer = as_editor.post(f"{SERVICE}answers/", given, headers={**headers, **target})
        shown = answer if headers else as_editor.get(SERVICE)
        assert words in shown.content.decode()
