"""Bodies go after thirty days; what became of them stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import replaying, tasks, trimming
from incidents.alerts.models import Delivery, Source
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=30, seconds=1)


@pytest.fixture
def source() -> Source:
    return am.source("Main cluster")


def test_body_and_headers_go_and_the_rest_stays(source: Source) -> None:
    good, bad = am.send(source, am.alert()), am.deliver(source, raw=b"{")
    assert trimming.batch(now=NOON + timedelta(days=30)) == 0
    assert trimming.batch(now=LATER) == 2
    for before in (good, bad):
        after = Delivery.objects.get(pk=before.pk)
        assert (bytes(after.body), after.headers, after.content_type) == (b"", {}, "")
        assert after.body_removed_at == LATER
        assert (after.state, after.reason, after.received_at) == (before.state, before.reason, before.received_at)
    assert trimming.batch(now=LATER) == 0
    assert source.alerts.count() == 1


def test_what_still_waits_keeps_its_body(source: Source) -> None:
    am.deliver(source, am.alert())
    held = am.deliver(source, am.alert())
    Delivery.objects.filter(pk=held.pk).update(state="held")
    assert trimming.batch(now=LATER) == 0


def test_how_long_is_a_setting(source: Source, settings: Any) -> None:
    settings.KEEP_BODIES_DAYS = 2
    am.send(source, am.alert())
    assert trimming.batch(now=NOON + timedelta(days=2)) == 0
    assert trimming.batch(now=NOON + timedelta(days=2, seconds=1)) == 1


def test_the_oldest_go_first_batch_by_batch(source: Source) -> None:
    for minute in (2, 0, 1):
        am.send(source, am.alert(), at=am.minutes(minute))
    with CaptureQueriesContext(connection) as captured:
        assert trimming.batch(now=LATER + timedelta(days=1), size=2) == 2
    assert len(captured) == 1
    assert Delivery.objects.get(body_removed_at=None).received_at == am.minutes(2)


def test_the_task_goes_on_until_none_is_left(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimming.batch, "__kwdefaults__", {"size": 1})
    long_ago = timezone.now() - timedelta(days=31)
    for _ in range(3):
        am.send(source, am.alert(), at=long_ago)
    am.send(source, am.alert(), at=timezone.now())
    assert tasks.trim_bodies() == 3
    assert Delivery.objects.filter(body_removed_at=None).count() == 1


def test_an_index_finds_them(source: Source) -> None:
    am.send(source, am.alert())
    with connection.cursor() as cursor:
        # One row is found by any index at much the same cost, whatever other tests left in the statistics; but only
        # this one gives the oldest first without a sort.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {trimming._TRIM}", [NOON, 10, LATER])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using delivery_with_body" in plan


def test_the_database_keeps_no_half_of_it(source: Source) -> None:
    delivery = am.send(source, am.alert())
    with pytest.raises(IntegrityError, match="delivery_removed_is_empty"), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(body_removed_at=LATER)


def test_what_is_gone_cannot_be_tried_again(source: Source) -> None:
    editor = make.person(role="editor")
    delivery = am.deliver(source, raw=b"{")
    trimming.batch(now=LATER)
    delivery.refresh_from_db()
    with pytest.raises(replaying.BodyRemoved):
        replaying.again(delivery, by=editor, now=LATER)
    client = Client()
    client.force_login(editor)
    path = f"/sources/{source.pk}/deliveries/{delivery.pk}/"
    assert client.post(f"{path}replay/").status_code == 409
    html = client.get(path).content.decode()
    assert "Body and headers were removed" in html
    assert "kept for 30 days" in html
    assert "Try again" not in html
    page = client.get(f"/sources/{source.pk}/").content.decode()
    assert '<span class="faint">removed</span>' in page
    assert "bodies are removed after 30 days" in page
    assert "Try again" not in page


@pytest.mark.parametrize(("role", "status"), [("editor", 200), ("admin", 200), ("responder", 403), ("viewer", 403)])
def test_a_raw_body_is_for_editors(source: Source, role: str, status: int) -> None:
    delivery = am.deliver(source, am.alert(summary="what a user wrote"))
    client = Client()
    client.force_login(make.person(role=role))
    answer = client.get(f"/sources/{source.pk}/deliveries/{delivery.pk}/")
    assert (answer.status_code, b"what a user wrote" in answer.content) == (status, status == 200)
    assert b"what a user wrote" not in client.get(f"/sources/{source.pk}/").content


def test_a_raw_body_is_not_for_strangers(source: Source) -> None:
    delivery = am.deliver(source, am.alert())
    answer = Client().get(f"/sources/{source.pk}/deliveries/{delivery.pk}/")
    assert answer["Location"].startswith("/accounts/login/")
