"""Rejected deliveries by cause, and another try for all of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.alerts import replaying
from incidents.alerts.models import Delivery, Source
from incidents.alerts.queries import rejections
from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.test_pages import BOTH, queries, signed_in

pytestmark = pytest.mark.django_db

WOBBLY = '{"alerts": [{"status": "wobbly", "labels": {"a": "1"}}]}'


@pytest.fixture
def editor() -> Person:
    return make.person(role="editor")


@pytest.fixture
def source() -> Source:
    return am.source("Main cluster")


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Delivery.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_all_of_a_source_wait_again_and_keep_their_receipt(source: Source, editor: Person) -> None:
    kept = am.rejected(source, at=am.minutes(-5))
    am.rejected(source)
    am.rejected(am.source("Other"))
    done = replaying.all_again(source, by=editor, now=am.minutes(9))
    assert (done.waiting, done.left, str(done)) == (2, 0, "2 deliveries wait for the next try.")
    kept.refresh_from_db()
    assert (kept.state, kept.reason, kept.attempts, kept.received_at) == ("waiting", "", 0, am.minutes(-5))
    assert states() == {"waiting": 2, "rejected": 1}


def test_what_is_no_json_is_never_tried(source: Source, editor: Person) -> None:
    broken = am.deliver(source, raw=b"{")
    assert not broken.may_be_tried
    assert str(replaying.all_again(source, by=editor, now=am.minutes(1))) == "Nothing can be tried again."
    with pytest.raises(replaying.NeverReadable):
        replaying.again(broken, by=editor, now=am.minutes(1))
    page = signed_in(editor)
    for path in (f"/sources/{source.pk}/?show=rejected", f"/sources/{source.pk}/deliveries/{broken.pk}/"):
        html = page.get(path).content.decode()
        assert "/replay/" not in html
    assert "It can never be read" in html
    assert page.post(f"/sources/{source.pk}/deliveries/{broken.pk}/replay/").status_code == 409


def test_it_goes_in_batches_and_says_what_is_left(
    source: Source, editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        am.rejected(source, at=am.minutes(number))
    monkeypatch.setattr(replaying, "BATCH", 2)
    monkeypatch.setattr(replaying, "LIMIT", 4)
    with CaptureQueriesContext(connection) as captured:
        done = replaying.all_again(source, by=editor, now=am.minutes(9))
    assert (done.waiting, done.left) == (4, 1)
    assert len(captured) == 3  # two batches, and a look at what is left
    oldest = Delivery.objects.filter(state="waiting").order_by("received_at").values_list("received_at", flat=True)
    assert list(oldest) == [am.minutes(number) for number in range(4)]


def test_causes_are_counted_without_their_numbers(source: Source) -> None:
    for _ in range(2):
        am.rejected(source)
    am.rejected(source, WOBBLY.encode())
    am.rejected(source, WOBBLY.replace("wobbly", "wobbly 22").encode())
    am.rejected(source, WOBBLY.replace("wobbly", "wobbly 333").encode())
    am.deliver(source, raw=b"{")
    am.deliver(source, raw=b"{   ")
    found = rejections.of(source)
    assert sum(cause.count for cause in found.causes) == Delivery.objects.filter(state="rejected").count()
    assert sorted((cause.count, cause.replayable) for cause in found.causes) == [(1, 1), (2, 0), (2, 2), (2, 2)]
    broken = [cause for cause in found.causes if "JSON" in cause.text]
    assert [(cause.count, cause.replayable) for cause in broken] == [(2, 0)]
    assert not any(character.isdigit() for cause in found.causes for character in cause.text)
    assert found.replayable == 5


@BOTH
def test_one_cause_is_shown_and_tried_again(source: Source, editor: Person, headers: dict[str, str]) -> None:
    empty, odd = am.rejected(source), am.rejected(source, WOBBLY.encode())
    page = signed_in(editor)
    html = page.get(f"/sources/{source.pk}/?{urlencode({'show': 'rejected', 'cause': odd.cause})}").content.decode()
    assert "wobbly" in html
    assert "Try these 1 again" in html
    assert str(empty.pk) not in html
    page.post(f"/sources/{source.pk}/replay/", {"cause": odd.cause}, headers=headers)
    assert set(Delivery.objects.filter(state="waiting")) == {odd}


def test_the_page_says_how_many(source: Source, editor: Person) -> None:
    am.rejected(source)
    page = signed_in(editor)
    assert "Try 1 again" in page.get(f"/sources/{source.pk}/").content.decode()
    html = page.post(f"/sources/{source.pk}/replay/", follow=True).content.decode()
    assert "1 delivery waits for the next try." in html
    reader = signed_in(make.person(role="responder"))
    assert "again</button>" not in reader.get(f"/sources/{source.pk}/").content.decode()


def test_the_page_costs_the_same_for_any_number(source: Source, editor: Person) -> None:
    page, counts = signed_in(editor), set()
    for number in range(4):
        am.rejected(source, at=am.minutes(number))
        counts.add(queries(page, f"/sources/{source.pk}/?show=rejected"))
    assert len(counts) == 1


def test_over_the_api(source: Source, editor: Person) -> None:
    am.rejected(source)
    odd = am.rejected(source, WOBBLY.encode())
    _, secret = tokens.make(editor, label="", scope="write", now=timezone.now())
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    path = f"/api/v1/sources/{source.pk}/replay/"
    answer = api.post(path, {"cause": odd.cause}, format="json")
    assert (answer.status_code, answer.data) == (202, {"waiting": 1, "left": 0})
    assert api.post(path, {}, format="json").data == {"waiting": 1, "left": 0}
    assert APIClient().post(path).status_code == 401


def test_a_replay_after_a_mended_reading_digests(source: Source, editor: Person, monkeypatch: Any) -> None:
    delivery = am.rejected(source)
    replaying.all_again(source, by=editor, now=am.minutes(1))
    Delivery.objects.filter(pk=delivery.pk).update(body=am.body(am.alert()))
    am.drain(am.minutes(2))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.cause) == ("digested", "")


def test_strangers_sign_in_first(source: Source) -> None:
    assert Client().post(f"/sources/{source.pk}/replay/").status_code == 302
