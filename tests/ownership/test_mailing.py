"""Notices that become mails, through a real SMTP server: every person has their e-mail as a channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ownership import gathering, notifying, sending, tasks
from ownership.models import Channel, Message, Notice, Person
from tests import factories as make
from tests.factories import NOON
from tests.ownership.postbox import Postbox, postbox
from tests.threads import together

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings: Any) -> Iterator[Postbox]:
    """A mail server, and settings as EMAIL_URL would make them."""
    with postbox() as opened:
        settings.EMAIL_CONFIGURED = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", opened.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        settings.BASE_URL = "https://seamline.example.org"
        settings.DEFAULT_FROM_EMAIL = "seamline@example.org"
        yield opened


def told(*people: Any, text: str = "Ada asks you to take over Answers", **more: Any) -> None:
    notifying.tell(people, kind="assigned", text=text, path="/services/answers/", **{"now": NOON, **more})


def sweep(now: Any = NOON) -> int:
    """As the scheduler does: make messages, then send them."""
    gathering.gather(now=now)
    return sending.send_due(now=now)


def test_a_mail_carries_the_words_and_the_whole_address(server: Postbox) -> None:
    person = make.person("Tomás Brandt")
    told(person)
    assert sweep() == 1
    [mail] = server.to(person.email)
    assert mail["Subject"] == "Ada asks you to take over Answers"
    assert mail["From"] == "seamline@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "https://seamline.example.org/services/answers/" in mail.get_content()
    row = Notice.objects.get()
    assert (row.sent_at, row.due_at, row.failure) == (NOON, None, "")
    assert Channel.objects.get(person=person).last_sent_at == NOON
    assert sweep(NOON + MINUTE) == 0
    assert len(server.mails) == 1


def test_one_connection_carries_many_mails(server: Postbox) -> None:
    told(*[make.person() for _ in range(5)])
    assert sweep() == 5
    assert server.connections == 1


def test_words_of_two_lines_and_other_alphabets_make_one_subject(server: Postbox) -> None:
    person = make.person()
    told(person, text="Ünïcode\r\nBcc: evil@example.org\nand 答え " + "x" * 400)
    sweep()
    [mail] = server.to(person.email)
    assert str(mail["Subject"]).strip().startswith("Ünïcode Bcc: evil@example.org and 答え xxx")
    assert mail["Bcc"] is None
    assert len(server.mails) == 1


def test_without_a_mail_server_nothing_is_queued(settings: Any) -> None:
    settings.EMAIL_CONFIGURED = False
    told(make.person())
    assert sweep() == 0
    assert Notice.objects.get().due_at is None
    assert not Message.objects.exists()
    settings.EMAIL_CONFIGURED = True  # set up later: what was told before is no news
    assert sweep() == 0


def test_a_refused_address_is_tried_again_and_given_up_while_others_get_theirs(server: Postbox) -> None:
    wrong, right = make.person(), make.person()
    server.unknown.add(wrong.email)
    told(wrong, right)
    assert sweep() == 1
    assert len(server.to(right.email)) == 1
    row = Message.objects.get(channel__person=wrong)
    assert (row.attempts, row.next_try_at) == (1, NOON + MINUTE)
    at = NOON
    for wait in sending.BACK_OFF:
        at += wait
        sweep(at - timedelta(seconds=1))
        assert Message.objects.get(channel__person=wrong).next_try_at == at
        sweep(at)
    row.refresh_from_db()
    assert (row.attempts, row.next_try_at, row.sent_at) == (len(sending.BACK_OFF) + 1, None, None)
    assert "no such mailbox" in row.failure
    assert "no such mailbox" in Notice.objects.get(person=wrong).failure
    channel = Channel.objects.get(person=wrong)
    assert channel.failing_since == NOON
    assert "no such mailbox" in channel.failure


def test_a_server_that_is_away_stops_the_sweep_and_later_gets_everything(server: Postbox, settings: Any) -> None:
    told(make.person(), make.person())
    settings.EMAIL_PORT = 1
    assert sweep() == 0
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 1]
    assert Channel.objects.filter(failing_since=NOON).count() == 1
    settings.EMAIL_PORT = server.port
    assert sweep(NOON + MINUTE) == 2
    assert set(Message.objects.values_list("failure", flat=True)) == {""}
    assert not Channel.objects.filter(failing_since__isnull=False).exists()


def test_what_is_older_than_a_day_is_no_news(server: Postbox) -> None:
    told(make.person())
    assert sweep(NOON + timedelta(days=1)) == 0
    row = Notice.objects.get()
    assert (row.due_at, row.failure) == (None, gathering.TOO_OLD)
    assert server.mails == []


def test_a_message_that_cannot_be_sent_for_a_day_is_given_up(server: Postbox, settings: Any) -> None:
    told(make.person())
    settings.EMAIL_PORT = 1
    sweep()
    settings.EMAIL_PORT = server.port
    assert sweep(NOON + timedelta(days=1)) == 0
    row = Message.objects.get()
    assert row.next_try_at is None
    assert "refused" in row.failure


def test_who_has_left_or_has_read_it_gets_no_mail(server: Postbox) -> None:
    left, read = make.person(), make.person()
    told(left, read)
    Person.objects.filter(pk=left.pk).update(is_active=False)
    assert notifying.mark_seen(read, now=NOON) == 1
    assert notifying.mark_seen(read, now=NOON) == 0
    assert sweep() == 0
    assert server.mails == []
    assert set(Notice.objects.values_list("due_at", flat=True)) == {None}


def test_a_team_means_its_members_who_are_here_each_once_and_not_who_acts(django_assert_num_queries: Any) -> None:
    ada, ben, gone = make.person("Ada"), make.person("Ben"), make.person(is_active=False)
    team = make.team("", ada, ben, gone)
    with django_assert_num_queries(3):
        told(team, ada, None, ben, besides=ben)
    assert [row.person for row in Notice.objects.all()] == [ada]
    with django_assert_num_queries(2):
        told(ada, ben)


def test_a_key_says_it_once() -> None:
    ada, ben = make.person(), make.person()
    told(ada, key="confirm:1")
    told(ada, ben, key="confirm:1")
    told(ada)
    told(ada)
    assert Notice.objects.filter(person=ada).count() == 3
    assert Notice.objects.filter(person=ben).count() == 1


def test_the_task_sends(server: Postbox) -> None:
    person = make.person()
    notifying.tell([person], kind="assigned", text="x", path="/", now=Notice(person=person).made_at)
    assert tasks.send_notices() == 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_never_mail_the_same_thing_twice(server: Postbox) -> None:
    people = [make.person() for _ in range(20)]
    told(*people)
    gathering.gather(now=NOON)
    sent: list[int] = []
    together(*[lambda: sent.append(sweep())] * 3)
    assert sum(sent) == 20
    assert sorted(recipient for recipient, _ in server.mails) == sorted(person.email for person in people)
