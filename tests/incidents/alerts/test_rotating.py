"""Two live secrets: how one takes over from the other, and what is told of their use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import rotating, sourcing
from incidents.alerts.models import Delivery, Source
from incidents.alerts.rotating import TwoLiveAlready
from incidents.alerts.trust_models import Purpose, SourceSecret
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am
from web.errors import Invalid

pytestmark = pytest.mark.django_db
BODY = am.body(am.alert())


@pytest.fixture
def by() -> Person:
    return make.person(role="editor")


def post(source: Source, key: str, **headers: Any) -> int:
    path = f"/hooks/{source.kind}/" if headers else f"/hooks/{source.kind}/{key}/"
    return Client(headers=headers).post(path, BODY, content_type="application/json").status_code


def test_both_keys_work_until_the_old_one_ends(by: Person) -> None:
    source, old = am.with_key()
    new = rotating.new_key(source, by=by, now=timezone.now(), overlap=None)
    assert [post(source, key) for key in (old, new)] == [202, 202]
    assert [post(source, "", authorization=f"Bearer {key}") for key in (old, new)] == [202, 202]
    _, before = rotating.live(source, Purpose.KEY, now=timezone.now())
    assert before.ends_at is None
    rotating.end(before, by=by, now=timezone.now())
    assert [post(source, key) for key in (old, new)] == [404, 202]
    before.refresh_from_db()
    assert before.ended_by == by


def test_both_keys_route_pagerdutys_events(by: Person) -> None:
    source, old = sourcing.add(kind="pagerduty", name="Events", by=None, now=timezone.now())
    new = rotating.new_key(source, by=by, now=timezone.now())
    for key, status in ((old, 202), (new, 202), ("other", 400)):
        event = {"routing_key": key, "event_action": "resolve", "dedup_key": "k"}
        assert Client().post("/v2/enqueue", event, content_type="application/json").status_code == status


def test_the_old_key_ends_by_itself_after_seven_days(by: Person) -> None:
    now = timezone.now()
    source, old = am.with_key()
    new = rotating.new_key(source, by=by, now=now - timedelta(days=6, hours=23))
    assert [post(source, key) for key in (old, new)] == [202, 202]
    SourceSecret.objects.filter(ends_at__isnull=False).update(ends_at=now)
    assert [post(source, key) for key in (old, new)] == [404, 202]


def test_a_longer_overlap_does_not_prolong_one_that_ends_sooner(by: Person) -> None:
    now = timezone.now()
    source, _ = am.with_key()
    rotating.new_key(source, by=by, now=now, overlap=timedelta(days=1))
    newest, oldest = rotating.live(source, Purpose.KEY, now=now)
    rotating.end(newest, by=by, now=now)
    rotating.new_key(source, by=by, now=now, overlap=timedelta(days=30))
    oldest.refresh_from_db()
    assert oldest.ends_at == now + timedelta(days=1)


def test_a_leaked_key_ends_at_once(by: Person) -> None:
    source, old = am.with_key()
    second = rotating.new_key(source, by=by, now=timezone.now())
    third = rotating.new_key(source, by=by, now=timezone.now(), overlap=timedelta(0))
    assert [post(source, key) for key in (old, second, third)] == [404, 404, 202]


def test_two_at_most_and_an_expired_one_makes_room(by: Person) -> None:
    source, _ = am.with_key()
    now = timezone.now()
    rotating.new_key(source, by=by, now=now)
    with pytest.raises(TwoLiveAlready):
        rotating.new_key(source, by=by, now=now + timedelta(days=6))
    rotating.new_key(source, by=by, now=now + timedelta(days=7))
    assert len(rotating.live(source, Purpose.KEY, now=now + timedelta(days=7))) == 2


def test_the_database_holds_no_third() -> None:
    source = am.source()
    for slot, name in ((1, "secret_two_live"), (3, "secret_slot_known")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            SourceSecret.objects.create(source=source, purpose="key", slot=slot, digest="d")
    for kept in ({"purpose": "key", "sealed": "s", "digest": "e"}, {"purpose": "signing", "digest": "f"}):
        with pytest.raises(IntegrityError, match="secret_kept_as_its_purpose_asks"), transaction.atomic():
            SourceSecret.objects.create(source=source, slot=2, **kept)


def test_a_key_is_kept_as_a_hash_alone() -> None:
    source, key = am.with_key()
    (row,) = SourceSecret.objects.filter(source=source).values()
    assert row["hint"] == key[:6]
    assert not any(key in str(value) for value in row.values())


def test_a_signing_secret_is_kept_sealed(by: Person) -> None:
    source = am.source()
    row = rotating.new_signing_secret(source, secret=" a-secret-of-theirs ", by=by, now=timezone.now())
    assert "a-secret" not in f"{row.sealed}{row.hint}{row.digest}"
    with pytest.raises(Invalid, match="at least 8"):
        rotating.new_signing_secret(source, secret="short  ", by=by, now=timezone.now())


def test_what_a_key_was_last_used_for_is_told_by_the_digest(by: Person) -> None:
    """To the minute, in one statement for any number of deliveries, and none while requests come."""
    source, old = am.with_key()
    new = rotating.new_key(source, by=by, now=timezone.now())
    for key in (old, old, new):
        post(source, key)
    assert set(SourceSecret.objects.values_list("last_used_at", flat=True)) == {None}
    with CaptureQueriesContext(connection) as captured:
        am.drain(timezone.now())
    assert len([query for query in captured if "SET last_used_at" in query["sql"]]) == 1
    newer, older = rotating.live(source, Purpose.KEY, now=timezone.now())
    came = dict(Delivery.objects.order_by("received_at").values_list("by_key", "received_at"))  # the last of each
    assert (newer.last_used_at, older.last_used_at) == (came[newer.pk], came[older.pk])


def test_a_row_is_not_written_more_than_once_a_minute() -> None:
    source, key = am.with_key()
    seen = []
    for seconds in (0, 30, 61):
        post(source, key)
        Delivery.objects.filter(state="waiting").update(received_at=am.minutes(seconds / 60))
        am.drain(am.minutes(2))
        seen.append(SourceSecret.objects.get().last_used_at)
    assert seen == [am.minutes(0), am.minutes(0), am.minutes(61 / 60)]
