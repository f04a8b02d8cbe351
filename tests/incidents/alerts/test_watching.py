"""How much sources send over time, and what happens when one falls silent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.celery import app
from incidents.alerts import counting, intake, silence, sourcing, tasks
from incidents.alerts.models import Delivery, Source
from incidents.alerts.queries import rates
from incidents.alerts.watch_models import SourceHour
from ownership.models import Notice, Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.test_pages import queries, signed_in, went_to

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def editor() -> Person:
    return make.person("Priya Nair", role="editor")


@pytest.fixture
def source() -> Source:
    return am.source("Main cluster")


def hours() -> list[tuple[datetime, int, int]]:
    return list(SourceHour.objects.order_by("hour").values_list("hour", "deliveries", "rejected"))


# ---- counting ----


def test_hours_are_counted_anew_not_added_to(source: Source) -> None:
    am.deliver(source, am.alert(), at=NOON - timedelta(minutes=30))
    am.deliver(source, raw=b"{", at=NOON + timedelta(minutes=10))
    now = NOON + timedelta(minutes=20)
    for _ in range(2):
        counting.tally(now=now)
    assert hours() == [(NOON - HOUR, 1, 0), (NOON, 1, 1)]
    am.deliver(source, raw=b"{", at=now)
    counting.tally(now=now + HOUR)
    assert hours() == [(NOON - HOUR, 1, 0), (NOON, 2, 2)]


def test_after_an_absence_all_that_was_missed_is_counted(source: Source) -> None:
    for days in (40, 29, 3, 0):
        am.deliver(source, am.alert(), at=NOON - days * DAY)
        if days == 29:
            counting.tally(now=NOON - days * DAY)
    counting.tally(now=NOON)
    assert [hour for hour, _, _ in hours()] == [NOON - 29 * DAY, NOON - 3 * DAY, NOON]


def test_old_hours_are_forgotten(source: Source) -> None:
    SourceHour.objects.create(source=source, hour=NOON - 40 * DAY, deliveries=1)
    counting.tally(now=NOON)
    assert hours() == []


def test_counting_is_the_same_work_for_any_number_of_sources(source: Source) -> None:
    counts = set()
    for _ in range(2):
        am.deliver(am.source(), am.alert())
        with CaptureQueriesContext(connection) as captured:
            counting.tally(now=NOON)
        counts.add(len(captured))
    assert counts == {3}


def test_a_rate_joins_counted_hours_and_the_running_one(source: Source) -> None:
    am.deliver(source, am.alert(), at=NOON - HOUR)
    counting.tally(now=NOON - HOUR)
    Delivery.objects.filter(source=source).delete()  # only the counted hour tells of it now
    am.deliver(source, raw=b"{", at=NOON + timedelta(minutes=1))
    other = am.source()
    found = rates.of([source.pk, other.pk], unit="hour", now=NOON + timedelta(minutes=2))
    rate = found[source.pk]
    assert len(rate.bars) == 7 * 24
    assert [(bar.at, bar.deliveries, bar.rejected) for bar in rate.told] == [(NOON, 1, 1), (NOON - HOUR, 1, 0)]
    assert (rate.deliveries, rate.rejected, rate.busiest.at) == (2, 1, NOON)
    assert (rate.last.high, rate.last.top, rate.last.bad) == (100, 0, 100)
    assert found[other.pk].told == []


def test_days_are_whole_days_in_utc(source: Source) -> None:
    SourceHour.objects.create(source=source, hour=NOON - DAY - HOUR, deliveries=3, rejected=1)
    SourceHour.objects.create(source=source, hour=NOON - DAY + 3 * HOUR, deliveries=2)
    SourceHour.objects.create(source=source, hour=NOON - 30 * DAY, deliveries=9)
    rate = rates.of([source.pk], unit="day", now=NOON)[source.pk]
    assert len(rate.bars) == 30
    midnight = NOON.replace(hour=0) - DAY
    assert [(bar.at, bar.deliveries, bar.rejected) for bar in rate.told] == [(midnight, 5, 1)]


def test_the_pages_show_the_picture_and_its_rows(source: Source, editor: Person) -> None:
    page = signed_in(editor)
    assert "Nothing came in 7 days" in page.get(f"/sources/{source.pk}/").content.decode()
    am.deliver(source, raw=b"{", at=timezone.now())
    html = page.get(f"/sources/{source.pk}/?rate=day").content.decode()
    assert "1 delivery in 30 days, 1 rejected" in html
    assert '<rect class="bad"' in html
    assert "The rows as a table" in html
    listed = page.get("/sources/").content.decode()
    assert 'aria-label="1 deliveries in 30 days, 1 rejected"' in listed


def test_the_page_costs_the_same_however_much_came(source: Source, editor: Person) -> None:
    page, counts = signed_in(editor), set()
    for number in range(2):
        for step in range(1 + 5 * number):
            am.deliver(source, am.alert(), at=timezone.now() - step * HOUR)
        counting.tally(now=timezone.now())
        counts.add(queries(page, f"/sources/{source.pk}/"))
    assert len(counts) == 1


def test_the_rate_never_walks_the_deliveries_of_the_past(source: Source) -> None:
    """Of the deliveries only the running hour is asked for, and along the index."""
    with CaptureQueriesContext(connection) as captured:
        rates.of([source.pk], unit="hour", now=NOON + timedelta(minutes=5))
    (asked,) = captured
    assert "received_at >= '2026-11-20 12:00:00" in asked["sql"]
    for number in range(600):
        am.deliver(source, raw=b"{", at=NOON - number * HOUR)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incidents_delivery")
        cursor.execute("EXPLAIN " + asked["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on incidents_delivery" not in plan
    assert "delivery_of_source" in plan


# ---- silence ----


def expect(source: Source, hours: int, by: Person, now: datetime = NOON) -> None:
    silence.expect(source, hours=hours, by=by, now=now)


def told() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("person__name", "text"))


def test_a_silence_is_told_once_to_whoever_connected_it(editor: Person) -> None:
    make.person("Another editor", role="editor")
    source = sourcing.add(kind="alertmanager", name="Main cluster", by=editor, now=NOON)[0]
    expect(source, 2, editor)
    assert silence.tell(now=NOON + 2 * HOUR) == 0
    assert silence.tell(now=NOON + 3 * HOUR) == 1
    assert silence.tell(now=NOON + 4 * HOUR) == 0
    assert told() == [
        ("Priya Nair", "Main cluster is silent: nothing came for 3 h 00, something is expected every 2 h 00")
    ]
    assert Notice.objects.get().path == f"/sources/{source.pk}/"
    am.deliver(source, am.alert(), at=NOON + 5 * HOUR)
    assert silence.tell(now=NOON + 6 * HOUR) == 0
    assert silence.tell(now=NOON + 9 * HOUR) == 1  # the next silence is told again
    assert len(told()) == 2


def test_where_nobody_connected_it_or_they_left_all_editors_hear(editor: Person) -> None:
    gone = make.person("Gone", role="editor")
    make.person("Reader", role="responder")
    make.person("Admin", role="admin")
    for one in (am.source(), sourcing.add(kind="alertmanager", name="x", by=gone, now=NOON)[0]):
        expect(one, 1, editor)
    gone.is_active = False
    gone.save()
    assert silence.tell(now=NOON + 2 * HOUR) == 2
    assert sorted(name for name, _ in told()) == ["Admin", "Admin", "Priya Nair", "Priya Nair"]


def test_tests_are_no_sign_of_life_and_a_pause_is_no_silence(source: Source, editor: Person) -> None:
    expect(source, 1, editor)
    intake.send_test(source, by=editor, now=NOON + HOUR)
    assert silence.tell(now=NOON + 2 * HOUR) == 1
    expect(source, 1, editor)
    sourcing.disable(source, by=editor, now=NOON)
    assert silence.tell(now=NOON + 9 * HOUR) == 0
    sourcing.enable(source, by=editor, now=NOON + 9 * HOUR)
    assert silence.tell(now=NOON + 9.5 * HOUR) == 0
    assert silence.tell(now=NOON + 11 * HOUR) == 1


def test_without_an_expectation_it_may_be_silent(source: Source, editor: Person) -> None:
    assert silence.tell(now=NOON + 900 * DAY) == 0
    expect(source, 1, editor)
    silence.expect(source, hours=None, by=editor, now=NOON)
    assert silence.tell(now=NOON + 900 * DAY) == 0


def test_telling_is_the_same_work_for_any_number(editor: Person) -> None:
    counts = set()
    for number in range(1, 4):
        for _ in range(number):
            expect(am.source(), 1, editor)
        with CaptureQueriesContext(connection) as captured:
            assert silence.tell(now=NOON + number * DAY) == number
        counts.add(len(captured))
    assert len(counts) == 1


def test_the_page_sets_it_and_shows_the_silence(source: Source, editor: Person) -> None:
    page, path = signed_in(editor), f"/sources/{source.pk}/"
    assert went_to(page.post(f"{path}silence/", {"expected_hours": "6"})) == path
    source.refresh_from_db()
    assert source.expected_hours == 6
    Source.objects.filter(pk=source.pk).update(expected_since=timezone.now() - timedelta(hours=8))
    assert "Silent for" in page.get(path).content.decode()
    assert "silent for" in page.get("/sources/").content.decode()
    page.post(f"{path}silence/", {"expected_hours": ""})
    assert "Silent for" not in page.get(path).content.decode()


@pytest.mark.parametrize("given", ["0", "-1", "2161", "soon", "1.5"])
def test_what_is_no_number_of_hours_is_422_with_the_text_kept(source: Source, editor: Person, given: str) -> None:
    answer = signed_in(editor).post(f"/sources/{source.pk}/silence/", {"expected_hours": given})
    assert answer.status_code == 422
    assert f'value="{given}"' in answer.content.decode()
    assert Source.objects.get().expected_hours is None


def test_the_scheduler_does_both(source: Source, editor: Person) -> None:
    expect(source, 1, editor, now=timezone.now() - DAY)
    am.deliver(source, am.alert(), at=timezone.now() - 5 * HOUR)
    assert tasks.tally_hours() == 1
    assert tasks.tell_of_silence() == 1
    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"incidents.alerts.tally", "incidents.alerts.silence"} <= named


# ---- the address stays while one tests ----


def test_without_scripts_the_test_button_leads_back_to_the_address(editor: Person) -> None:
    page = signed_in(editor)
    page.post("/sources/new/", {"kind": "alertmanager", "name": "Main cluster"})
    path = f"/sources/{Source.objects.get().pk}/"
    url = page.get(path).context["hook_url"]
    for _ in range(2):
        html = page.post(f"{path}test/", follow=True).content.decode()
        assert url in html
        assert html.count(f'action="{path}test/"') == 1  # beside the address
    assert url not in page.get(path).content.decode()
    assert url not in page.post(f"{path}test/", follow=True).content.decode()
    assert Delivery.objects.filter(is_test=True).count() == 6


def test_an_address_is_not_kept_for_long(editor: Person, monkeypatch: Any) -> None:
    page = signed_in(editor)
    page.post("/sources/new/", {"kind": "alertmanager", "name": "Main cluster"})
    path = f"/sources/{Source.objects.get().pk}/"
    url = page.get(path).context["hook_url"]
    later = timezone.now() + timedelta(minutes=16)
    with monkeypatch.context() as patch:
        patch.setattr("incidents.alerts.views.timezone.now", lambda: later)
        page.post(f"{path}test/")
    assert url not in page.get(path).content.decode()


def test_nobody_but_editors_sets_it(source: Source) -> None:
    for person in (make.person(role="viewer"), make.person(role="responder")):
        assert signed_in(person).post(f"/sources/{source.pk}/silence/", {"expected_hours": "6"}).status_code == 403
    assert went_to(Client().post(f"/sources/{source.pk}/silence/")).startswith("/accounts/login/")
