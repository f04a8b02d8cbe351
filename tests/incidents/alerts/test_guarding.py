"""Signed sources: what the hook takes, refuses, counts and costs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import guarding, intake, rotating, sourcing, tallying
from incidents.alerts.models import Delivery, Source
from incidents.alerts.sources import signatures
from incidents.alerts.sources.signatures import PRESETS, Scheme
from incidents.alerts.trust_models import Purpose, SourceSecret
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am
from web.errors import Invalid

pytestmark = pytest.mark.django_db

SECRET = "a-secret-of-the-sender"
SENTRY = PRESETS["sentry"][1]
BODY = json.dumps({"action": "created", "data": {"issue": {"id": "1", "title": "Broken", "level": "error"}}}).encode()


@pytest.fixture
def by() -> Person:
    return make.person(role="editor")


@pytest.fixture
def signed(by: Person) -> tuple[Source, str]:
    """A Sentry source that asks for Sentry's signature, and its hook's path."""
    source, key = sourcing.add(kind="sentry", name="Errors", by=None, now=timezone.now())
    guarding.require(source, scheme=SENTRY, secret=SECRET, by=by, now=timezone.now())
    tallying.forget_all()
    return source, f"/hooks/sentry/{key}/"


def signature(body: bytes = BODY, secret: str = SECRET, scheme: Scheme = SENTRY, **stated: str) -> dict[str, str]:
    return {scheme.header: signatures.sign(scheme, secret.encode(), body, **stated)}


def post(path: str, headers: dict[str, str], body: bytes = BODY) -> HttpResponse:
    client = Client(headers=headers)
    length = str(len(body))
    return client.post(path, body, content_type="application/json", CONTENT_LENGTH=length)


def test_what_the_sender_signed_is_taken_and_said_so(signed: tuple[Source, str]) -> None:
    source, path = signed
    assert post(path, {**signature(), "Sentry-Hook-Resource": "issue"}).status_code == 202
    delivery = Delivery.objects.get()
    assert delivery.by_signature == SourceSecret.objects.get(purpose=Purpose.SIGNING).pk
    assert delivery.by_key == SourceSecret.objects.get(purpose=Purpose.KEY).pk
    assert "sentry-hook-signature" not in delivery.headers
    am.drain(timezone.now())
    assert source.alerts.get().title == "Broken"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "Sentry-Hook-Signature, which holds the signature, is missing"),
        (signature(secret="another-secret"), "not that of this body"),
        (signature(BODY + b" "), "not that of this body"),
        ({"Sentry-Hook-Signature": "x"}, "holds no sha256 in hex"),
    ],
)
def test_anything_else_is_401_not_stored_and_counted(
    signed: tuple[Source, str], headers: dict[str, str], said: str
) -> None:
    source, path = signed
    answer = post(path, headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "bad_signature")
    assert said in answer.json()["detail"]
    assert SECRET not in answer.content.decode()
    assert not Delivery.objects.exists()
    tally = tallying.of(source.pk)
    assert tally is not None
    assert (tally.bad_signatures, said in tally.last_reason) == (1, True)


def test_a_wrong_key_is_told_nothing_of_signatures(signed: tuple[Source, str]) -> None:
    assert post("/hooks/sentry/wrong/", signature()).status_code == 404


def test_it_costs_one_look_up_and_one_insert(signed: tuple[Source, str]) -> None:
    """Once the first request has found out that the sender signs."""
    for cost in (3, 2, 2):
        with CaptureQueriesContext(connection) as captured:
            assert post(signed[1], signature()).status_code == 202
        assert len(captured) == cost
    with CaptureQueriesContext(connection) as captured:
        assert post(signed[1], {}).status_code == 401
    assert len(captured) == 1
    assert Delivery.objects.count() == 3


def test_what_a_process_remembers_is_only_a_hint(signed: tuple[Source, str], by: Person) -> None:
    source, path = signed
    assert post(path, signature()).status_code == 202
    guarding.release(source, by=by, now=timezone.now())
    assert [post(path, {}).status_code for _ in range(2)] == [202, 202]
    guarding.require(source, scheme=SENTRY, secret=SECRET, by=by, now=timezone.now())
    assert [post(path, {}).status_code for _ in range(2)] == [401, 401]


def test_a_long_body_is_parsed_only_once_its_signature_was_checked(
    signed: tuple[Source, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = BODY + b" " * intake.PEEK
    with CaptureQueriesContext(connection) as captured:
        assert post(signed[1], signature(long), long).status_code == 202
    assert [query["sql"].split()[0] for query in captured] == ["SELECT", "INSERT"]
    monkeypatch.setattr(intake, "_broken", pytest.fail)
    assert post(signed[1], {}, long).status_code == 401


def test_a_signed_body_that_is_no_json_is_kept_as_rejected(signed: tuple[Source, str]) -> None:
    assert post(signed[1], signature(b""), b"").status_code == 400
    assert Delivery.objects.get().state == "rejected"


def test_two_signing_secrets_are_good_while_the_sender_changes_over(signed: tuple[Source, str], by: Person) -> None:
    source, path = signed
    new = "the-next-secret"
    now = timezone.now()
    rotating.new_signing_secret(source, secret=new, by=by, now=now, overlap=timedelta(days=1))
    assert [post(path, signature(secret=one)).status_code for one in (SECRET, new)] == [202, 202]
    SourceSecret.objects.filter(ends_at__isnull=False).update(ends_at=now)
    assert [post(path, signature(secret=one)).status_code for one in (SECRET, new)] == [401, 202]
    am.drain(timezone.now())
    (live,) = rotating.live(source, Purpose.SIGNING, now=timezone.now())
    assert live.last_used_at is not None


def test_no_live_secret_closes_the_door(signed: tuple[Source, str], by: Person) -> None:
    source, path = signed
    rotating.end_all(source, Purpose.SIGNING, by=by, now=timezone.now())
    assert post(path, signature()).status_code == 401


def test_a_time_that_is_signed_is_looked_at(by: Person) -> None:
    source, key = am.with_key()
    scheme = PRESETS["stripe"][1]
    guarding.require(source, scheme=scheme, secret=SECRET, by=by, now=timezone.now())
    stamps = [str(int(timezone.now().timestamp()) - age) for age in (0, 3600)]
    path = f"/hooks/alertmanager/{key}/"
    said = [post(path, signature(scheme=scheme, timestamp=stamp)).status_code for stamp in stamps]
    assert said == [202, 401]


def test_dbt_signs_in_the_header_that_else_bears_the_key(by: Person) -> None:
    source, key = sourcing.add(kind="dbt", name="Jobs", by=None, now=timezone.now())
    guarding.require(source, scheme=PRESETS["dbt"][1], secret=SECRET, by=by, now=timezone.now())
    headers = signature(scheme=PRESETS["dbt"][1])
    assert post(f"/hooks/dbt/{key}/", headers).status_code == 202
    assert post("/hooks/dbt/", headers).status_code == 404
    assert "authorization" not in Delivery.objects.get().headers


def test_a_secret_key_that_changed_asks_to_come_back(signed: tuple[Source, str], settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key altogether", []
    answer = post(signed[1], signature())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not Delivery.objects.exists()


def test_the_events_api_refuses_in_pagerdutys_form(by: Person) -> None:
    source, key = sourcing.add(kind="pagerduty", name="Events", by=None, now=timezone.now())
    guarding.require(source, scheme=Scheme("X-Sig"), secret=SECRET, by=by, now=timezone.now())
    event = {"routing_key": key, "event_action": "resolve", "dedup_key": "k"}
    answer = Client().post("/v2/enqueue", event, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (401, "unauthorized")


def test_asking_for_signatures_needs_a_secret_and_a_description(by: Person) -> None:
    source = am.source()
    with pytest.raises(Invalid) as refused:
        guarding.require(source, scheme=SENTRY, secret=" ", by=by, now=timezone.now())
    assert refused.value.field == "secret"
    with pytest.raises(Invalid) as refused:
        guarding.require(source, scheme=Scheme("no header"), secret=SECRET, by=by, now=timezone.now())
    assert refused.value.field == "header"
    assert not SourceSecret.objects.filter(purpose=Purpose.SIGNING).exists()


def test_the_description_changes_while_the_secrets_stay(signed: tuple[Source, str], by: Person) -> None:
    source, path = signed
    github = PRESETS["github"][1]
    guarding.require(source, scheme=github, secret="", by=by, now=timezone.now())
    assert post(path, signature(scheme=github)).status_code == 202
    guarding.release(source, by=by, now=timezone.now())
    assert post(path, {}).status_code == 202
    assert not rotating.live(source, Purpose.SIGNING, now=timezone.now())


def test_the_test_button_needs_no_signature(signed: tuple[Source, str], by: Person) -> None:
    intake.send_test(signed[0], by=by, now=timezone.now())
    am.drain(timezone.now())
    assert signed[0].alerts.get().is_test
