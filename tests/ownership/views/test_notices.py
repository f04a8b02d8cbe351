"""What people were told, on their own page and everywhere as a small number."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from ownership import notifying
from ownership.models import Channel, Message, Notice, Person
from tests import factories as make
from tests.ownership.conftest import cost, signed_in

pytestmark = pytest.mark.django_db


def tell(person: Person, *texts: str) -> None:
    for text in texts:
        notifying.tell([person], kind="assigned", text=text, path="/services/", now=timezone.now())


def body(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_told_unseen_first_and_marked_only_by_asking_for_it() -> None:
    person = make.person()
    client = signed_in(person)
    tell(person, *[f"old {number}" for number in range(3)])
    client.post("/people/me/notices/seen/")
    tell(person, "fresh")
    for _ in range(2):  # looking marks nothing
        page = body(client, "/people/me/")
        assert page.index("fresh") < page.index("old 2") < page.index("old 0")
        assert "1 new" in page
    assert client.get("/people/me/notices/seen/").status_code == 302
    assert Notice.objects.filter(seen_at=None).count() == 1
    assert client.post("/people/me/notices/seen/").headers["Location"] == "/people/me/"
    page = body(client, "/people/me/")
    assert "Mark all as seen" not in page
    assert "1 new" not in page


def test_the_number_stands_beside_my_page_everywhere_and_not_for_others() -> None:
    person, other = make.person(), make.person()
    tell(person, "one", "two")
    beside = re.compile(r'My page <span class="count">2<span class="unseen"> new</span></span>')
    assert beside.search(body(signed_in(person), "/services/"))
    assert not beside.search(body(signed_in(other), "/services/"))


def test_the_whole_list_pages_and_is_ones_own() -> None:
    person = make.person()
    client = signed_in(person)
    tell(make.person(), "not yours")
    tell(person, *[f"thing {number:02}" for number in range(60)])
    page = body(client, "/people/me/notices/")
    assert "thing 59" in page
    assert "thing 09" not in page
    assert "not yours" not in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    assert "thing 09" in body(client, f"/people/me/notices/{following[1]}")


def test_pages_cost_the_same_for_one_and_for_many() -> None:
    person = make.person()
    client, costs = signed_in(person), []
    for _ in range(2):
        tell(person, "one", "two")
        make.service(owner=person)
        make.service(owner=make.team("", person))
        costs.append([cost(client, url) for url in ("/people/me/", "/people/me/notices/", "/services/")])
    assert costs[0] == costs[1]


def test_the_page_says_whether_mail_is_set_up(settings: object, as_admin: Client) -> None:
    settings.EMAIL_CONFIGURED = False
    for url in ("/people/me/", "/people/me/notices/", "/people/mail/"):
        assert "not set up" in body(as_admin, url)
    settings.EMAIL_CONFIGURED = True
    assert "not set up" not in body(as_admin, "/people/mail/")


def test_what_does_not_get_through_is_shown_to_admins_alone(as_admin: Client, as_editor: Client) -> None:
    lost, tried, fine = (make.person(name).channels.get() for name in ("Lost", "Tried", "Fine"))
    Message.objects.create(channel=lost, is_test=True, made_at=make.NOON, failure="550 no such mailbox", attempts=6)
    Message.objects.create(
        channel=tried, is_test=True, made_at=make.NOON, failure="timed out", attempts=1, next_try_at=timezone.now()
    )
    Message.objects.create(channel=fine, is_test=True, made_at=make.NOON, sent_at=make.NOON)
    secret = make.channel(make.team("Answers"))
    Channel.objects.filter(pk=secret.pk).update(failing_since=make.NOON, failure="It answered 404 Not Found.")
    page = body(as_admin, "/people/mail/")
    assert "550 no such mailbox" in page
    assert "given up" in page
    assert "tried 1 time, again" in page
    assert "Fine" not in page
    assert "It answered 404 Not Found." in page
    assert "s3cr3t" not in page
    assert as_editor.get("/people/mail/").status_code == 403
