"""Who is here and what is newer: told to those who write in the draft, in constant queries, and soon forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.postmortems import presence
from incidents.postmortems.models import Postmortem, Presence
from incidents.postmortems.queries import here
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import htmx, signed_in, url

pytestmark = pytest.mark.django_db


def ask(client: Client, draft: Postmortem, **said: Any) -> Any:
    return client.post(url(draft, "here/"), said, headers=htmx("here"))


def tag_of(answer: Any) -> str:
    return str(answer.content.decode().split('data-tag="')[1].split('"')[0])


def test_others_and_where_they_write(draft: Postmortem, maya: Person, jonas: Person) -> None:
    ask(signed_in(jonas), draft, section="happened")
    ask(signed_in(make.person("Ada Admin", role="admin")), draft)
    shown = ask(signed_in(maya), draft, section="surprised").content.decode()
    assert "Jonas Lind" in shown
    assert "writing in “What happened”" in shown
    assert "Ada Admin" in shown
    assert "Maya Okafor" not in shown
    assert '<span data-writes="happened">Jonas Lind is writing here</span>' in shown
    assert 'data-writes="surprised"' not in shown


def test_nothing_new_is_204_until_there_is(draft: Postmortem, maya: Person, jonas: Person) -> None:
    client = signed_in(maya)
    tag = tag_of(ask(client, draft, known="surprised:0"))
    assert ask(client, draft, known="surprised:0", tag=tag).status_code == 204
    review.write(draft, "surprised", "Theirs <b>.", by=jonas)
    told = ask(client, draft, known="surprised:0", tag=tag)
    shown = told.content.decode()
    assert told.status_code == 200
    assert 'data-newer="surprised" data-by="Jonas Lind saved this section"' in shown
    assert "\nTheirs &lt;b&gt;.</textarea>" in shown
    assert '<input type="hidden" name="revision" value="1">' in shown
    assert ask(client, draft, known="surprised:0", tag=tag_of(told)).status_code == 204
    assert "data-newer" not in ask(client, draft, known="surprised:1").content.decode()
    assert "data-newer" not in ask(client, draft, known="").content.decode()  # what the page does not show


def test_one_is_here_once_and_forgotten_soon(draft: Postmortem, maya: Person, jonas: Person) -> None:
    for _ in range(3):
        presence.note(draft, key="happened", by=jonas, now=LATER)
        presence.note(draft, key="no-such-section", by=jonas, now=LATER)
    assert Presence.objects.count() == 2
    look = here.look(draft, maya, known={}, now=LATER + here.FRESH)
    assert [(one.person, [section.key for section in one.sections]) for one in look.others] == [(jonas, ["happened"])]
    assert here.look(draft, jonas, known={}, now=LATER).others == []
    later = LATER + here.FRESH + timedelta(seconds=1)
    assert here.look(draft, maya, known={}, now=later).others == []
    presence.note(review.draft(), key="", by=maya, now=LATER + presence.KEPT + timedelta(seconds=1))
    assert not Presence.objects.filter(person=jonas).exists()


def test_who_may_not_write_is_neither_seen_nor_told(draft: Postmortem) -> None:
    assert ask(signed_in(make.person(role="viewer")), draft).status_code == 403
    type(draft.incident).objects.update(private=True)
    stranger = signed_in(make.person("Sven Stranger"))
    assert ask(stranger, draft).status_code == 404
    assert stranger.get(url(draft, "here/")).status_code == 404
    assert not Presence.objects.exists()


def test_a_published_one_has_nobody_writing(maya: Person) -> None:
    assert ask(signed_in(maya), review.published(by=maya)).status_code == 409
    assert not Presence.objects.exists()


def test_who_came_back_gets_a_fresh_token_and_their_number(draft: Postmortem, maya: Person) -> None:
    shown = signed_in(maya).get(url(draft, "here/")).content.decode()
    assert f'data-who="{maya.pk}"' in shown
    assert "csrfmiddlewaretoken" in shown
    out = Client().get(url(draft, "here/"), headers=htmx("here"))
    assert (out.status_code, out.content) == (200, b"")
    assert out["HX-Redirect"].startswith("/accounts/login/")


@pytest.mark.parametrize("wrong", [{"known": "x" * 30_000}, {"tag": "x" * 99}, {"section": "\x00"}])
def test_what_no_page_says_is_refused(draft: Postmortem, maya: Person, wrong: dict[str, str]) -> None:
    assert ask(signed_in(maya), draft, **wrong).status_code == 422
    assert not Presence.objects.exists()


def test_many_people_and_sections_cost_no_more(draft: Postmortem, maya: Person) -> None:
    client = signed_in(maya)
    keys = list(draft.sections.values_list("key", flat=True))
    known = " ".join(f"{key}:0" for key in keys)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert ask(client, draft, section="surprised", known=known).status_code == 200
        return len(counted)

    now = timezone.now()
    presence.note(draft, key=keys[0], by=make.person(), now=now)
    review.write(draft, keys[0], "New.")
    few = queries()
    for key in keys:
        presence.note(draft, key=key, by=make.person(), now=now)
        review.write(draft, key, "Newer.")
    assert queries() == few <= 9
