"""Messages on their way: to real endpoints, all channels at once, tried again, given up, never twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import connection

from ownership import channels, gathering, notifying, outbox, posting, sending
from ownership.models import Channel, Message, Notice, Person, Team
from tests import factories as make
from tests.factories import NOON
from tests.ownership.endpoint import Endpoint, endpoint
from tests.threads import together

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def loopback(settings: Any) -> None:
    settings.OUTGOING_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.EMAIL_CONFIGURED = False
    settings.BASE_URL = "https://seamline.example.org"


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with endpoint() as opened:
        yield opened


@pytest.fixture
def other() -> Iterator[Endpoint]:
    with endpoint() as opened:
        yield opened


def tell(*people: Any, text: str = "Ada asks you", now: datetime = NOON, **more: Any) -> None:
    notifying.tell(people, kind="assigned", text=text, path="/services/", now=now, **more)


def sweep(now: datetime = NOON) -> int:
    gathering.gather(now=now)
    return sending.send_due(now=now)


def channel(owner: Person | Team, server: Endpoint) -> Channel:
    return make.channel(owner, server.address())


def test_one_notice_arrives_with_its_act(server: Endpoint) -> None:
    person = make.person()
    mine = channel(person, server)
    tell(person, urgent=True, act=notifying.Act("Take it", "/a/signed/"))
    assert sweep() == 1
    [(_, body)] = server.posts
    assert (body["title"], body["type"]) == ("Ada asks you", "warning")
    assert "Take it: https://seamline.example.org/a/signed/" in body["message"]
    assert "https://seamline.example.org/services/" in body["message"]
    mine.refresh_from_db()
    assert (mine.last_sent_at, mine.failing_since, mine.claimed_until) == (NOON, None, None)
    assert Notice.objects.get().sent_at == NOON
    assert sweep(NOON + MINUTE) == 0


def test_a_digest_counts_shows_the_first_and_leads_to_the_rest(server: Endpoint) -> None:
    person = make.person()
    channel(person, server)
    for number in range(1_000):
        tell(person, text=f"Thing {number:03}")
    assert sweep() == 1
    [(_, body)] = server.posts
    assert body["title"] == "1,000 notices: Thing 000"
    assert "Thing 019" in body["message"]
    assert "Thing 020" not in body["message"]
    assert "And 980 more." in body["message"]
    assert "https://seamline.example.org/people/me/notices/" in body["message"]
    assert not Notice.objects.filter(sent_at=None).exists()


def test_a_slow_channel_holds_up_nobody(server: Endpoint, other: Endpoint) -> None:
    """The slow endpoint answers only after the other has been told."""
    slow, quick = make.person(), make.person()
    channel(slow, server)
    channel(quick, other)
    arrived = threading.Event()
    other.meanwhile = arrived.set
    server.meanwhile = lambda: arrived.wait(8)
    tell(slow)
    tell(quick)
    assert sweep() == 2
    assert arrived.is_set()


def test_a_channel_that_fails_is_tried_again_shown_and_works_again(server: Endpoint, other: Endpoint) -> None:
    person = make.person()
    broken, fine = channel(person, server), channel(person, other)
    server.status = 503
    tell(person)
    assert sweep() == 1  # the other one
    broken.refresh_from_db()
    assert (broken.failing_since, broken.failure) == (NOON, "It answered 503 Service Unavailable.")
    assert broken.try_after == NOON + MINUTE
    later = NOON + 30 * timedelta(seconds=1)
    tell(person, text="Another", now=later)
    sweep(later)
    assert len(server.posts) == 1  # left alone until then
    server.status = 200
    assert sweep(NOON + MINUTE) == 1
    broken.refresh_from_db()
    assert (broken.failing_since, broken.failure, broken.try_after) == (None, "", None)
    assert sweep(NOON + 6 * MINUTE) == 2
    assert server.titles == ["Ada asks you", "Ada asks you", "Another"]
    assert other.titles == ["Ada asks you", "Another"]
    fine.refresh_from_db()
    assert fine.failing_since is None


def test_what_cannot_be_sent_is_given_up_and_the_next_is_tried(server: Endpoint) -> None:
    person = make.person()
    mine = channel(person, server)
    server.status = 404
    tell(person)
    at = NOON
    sweep(at)
    for wait in sending.BACK_OFF:
        at += wait
        sweep(at)
    row = Message.objects.get()
    assert (row.attempts, row.next_try_at, row.sent_at) == (len(sending.BACK_OFF) + 1, None, None)
    assert Notice.objects.get().failure == "It answered 404 Not Found."
    server.status = 200
    tell(person, text="Another", now=at)
    assert sweep(at) == 1
    mine.refresh_from_db()
    assert mine.failing_since is None


def test_a_notice_that_reached_one_channel_did_not_fail(server: Endpoint, other: Endpoint) -> None:
    person = make.person()
    channel(person, server)
    channel(person, other)
    server.status = 404
    tell(person)
    at = NOON
    for wait in (timedelta(0), *sending.BACK_OFF):
        at += wait
        sweep(at)
    notice = Notice.objects.get()
    assert (notice.sent_at, notice.failure) == (NOON, "")


def test_a_sender_that_dies_between_a_message_and_its_mark_sends_that_one_again(
    server: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [make.person() for _ in range(3)]
    for person in people:
        channel(person, server)
        tell(person)

    def die(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    gathering.gather(now=NOON)
    with monkeypatch.context() as dying:
        dying.setattr(outbox, "went", die)
        with pytest.raises(KeyboardInterrupt):
            sending.send_due(now=NOON)
    sent = len(server.posts)
    assert 1 <= sent <= 3
    assert sending.send_due(now=NOON) == 0  # its channels are claimed until the lease ends
    assert sending.send_due(now=NOON + outbox.LEASE) == 3
    assert sending.send_due(now=NOON + 2 * outbox.LEASE) == 0


def test_a_test_is_sent_now_tried_once_and_its_result_known(server: Endpoint) -> None:
    person = make.person()
    mine = channel(person, server)
    Channel.objects.filter(pk=mine.pk).update(failing_since=NOON, failure="x", try_after=NOON + timedelta(hours=4))
    for _ in range(3):
        channels.test(mine, by=person, now=NOON)
    assert sweep() == 1
    assert server.titles == ["A test from Seamline"]
    mine.refresh_from_db()
    assert (mine.failing_since, mine.last_sent_at) == (None, NOON)
    server.status = 401
    channels.test(mine, by=person, now=NOON + MINUTE)
    assert sweep(NOON + MINUTE) == 0
    row = Message.objects.latest("pk")
    assert (row.next_try_at, row.failure) == (None, "It answered 401 Unauthorized.")


def test_a_test_of_mail_without_a_mail_server_says_so() -> None:
    person = make.person()
    channels.test(person.channels.get(), by=person, now=NOON)
    assert sweep() == 0
    assert Message.objects.get().failure == sending.NO_SERVER


def test_what_waits_on_a_channel_that_is_switched_off_is_dropped(server: Endpoint) -> None:
    person = make.person()
    mine = channel(person, server)
    tell(person)
    gathering.gather(now=NOON)
    said: dict[str, Any] = {"label": "", "muted": [], "by": person, "now": NOON}
    channels.edit(mine, enabled=False, **said)
    with pytest.raises(channels.SwitchedOff):
        channels.test(mine, by=person, now=NOON)
    channels.edit(mine, enabled=True, **said)
    assert sweep() == 0


def test_what_a_person_has_read_or_who_left_is_not_told(server: Endpoint) -> None:
    reads, leaves = make.person(), make.person()
    for person in (reads, leaves):
        channel(person, server)
        tell(person)
    gathering.gather(now=NOON)
    notifying.mark_seen(reads, now=NOON)
    Person.objects.filter(pk=leaves.pk).update(is_active=False)
    assert sending.send_due(now=NOON) == 0
    assert server.posts == []
    assert not Message.objects.filter(next_try_at__isnull=False).exists()


def test_a_key_that_changed_is_said(server: Endpoint, settings: Any) -> None:
    person = make.person()
    mine = channel(person, server)
    assert "s3cr3t" not in mine.sealed
    settings.SECRET_KEY = "another one"
    tell(person)
    assert sweep() == 0
    mine.refresh_from_db()
    assert mine.failure == outbox.UNREADABLE


def test_a_service_that_breaks_in_its_own_way_fails_and_tells_no_secret(
    server: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*args: Any, **kwargs: Any) -> bool:
        raise RuntimeError(server.address())

    person = make.person()
    mine = channel(person, server)
    monkeypatch.setattr(posting._class(posting.KINDS["json"]), "notify", burst)
    tell(person)
    assert sweep() == 0
    mine.refresh_from_db()
    assert mine.failure == "It did not take the message."


@pytest.mark.django_db(transaction=True)
def test_many_senders_send_each_message_once(server: Endpoint) -> None:
    people = [make.person() for _ in range(12)]
    for person in people:
        channel(person, server)
        tell(person, text=f"To {person}")
    gathering.gather(now=NOON)
    sent: list[int] = []
    together(*[lambda: sent.append(sweep())] * 3)
    assert sum(sent) == 12
    assert sorted(server.titles) == sorted(f"To {person}" for person in people)


@pytest.mark.django_db(transaction=True)
def test_two_gatherers_make_each_message_once(server: Endpoint) -> None:
    people = [make.person() for _ in range(20)]
    for person in people:
        channel(person, server)
        tell(person)
    made: list[int] = []

    def gather() -> None:
        try:
            made.append(gathering.gather(now=NOON))
        finally:
            connection.close()

    gatherers = [threading.Thread(target=gather) for _ in range(4)]
    for one in gatherers:
        one.start()
    for one in gatherers:
        one.join()
    assert sum(made) == 20
    assert Message.objects.count() == 20
