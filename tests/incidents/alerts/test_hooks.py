"""The hook: what it stores, what it answers, and what it costs."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import hooks, intake, rotating, sourcing
from incidents.alerts.models import Delivery
from tests import factories as make
from tests.incidents.alerts import factories as am
from web.logs import RequestIdFilter

pytestmark = pytest.mark.django_db

BODY = am.body(am.alert())


def post(path: str, body: bytes = BODY, **headers: Any) -> HttpResponse:
    length = str(len(body))  # the test client leaves it out when there is no body; servers do not
    return Client(headers=headers).post(path, body, content_type="application/json", CONTENT_LENGTH=length)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the bell was rung, without a thread."""
    rings: list[str] = []
    monkeypatch.setattr(hooks.bell, "ring", lambda: rings.append("ring"))
    return rings


@pytest.fixture
def path() -> str:
    source, key = am.with_key()
    return f"/hooks/{source.kind}/{key}/"


def test_a_delivery_is_kept_byte_for_byte_and_answered_202(
    path: str, rung: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    body = b' {"alerts": [] , "odd": "\xc3\xa9"}\n'
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(path, body, user_agent="Alertmanager/0.28", cookie_secret="no")
    delivery = Delivery.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"delivery": str(delivery.pk)})
    assert bytes(delivery.body) == body
    assert (delivery.content_type, delivery.headers) == ("application/json", {"user-agent": "Alertmanager/0.28"})
    assert (delivery.state, delivery.is_test) == ("waiting", False)
    assert rung == ["ring"]


def test_it_takes_exactly_one_statement(path: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert post(path).status_code == 202
    assert len(captured) == 1
    assert "INSERT INTO incidents_delivery" in captured[0]["sql"]


def test_many_alerts_cost_no_more(path: str, django_assert_num_queries: Any) -> None:
    body = am.body(*[am.alert(instance=str(number)) for number in range(100)])
    with django_assert_num_queries(1):
        assert post(path, body).status_code == 202


def test_a_long_body_is_parsed_for_a_known_key_only(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    long = b" " * intake.PEEK + b"{"
    assert post("/hooks/alertmanager/wrong/", long).status_code == 404
    with CaptureQueriesContext(connection) as captured:
        assert post(path, long).status_code == 400
    assert [query["sql"].split()[0] for query in captured] == ["SELECT", "INSERT"]
    monkeypatch.setattr(intake, "_broken", pytest.fail)
    assert post("/hooks/alertmanager/wrong/", long).status_code == 404


def test_the_key_may_come_as_a_bearer() -> None:
    source, key = am.with_key()
    assert post(f"/hooks/{source.kind}/", authorization=f"Bearer {key}").status_code == 202
    assert post(f"/hooks/{source.kind}/", authorization=f"bearer  {key} ").status_code == 202
    assert post(f"/hooks/{source.kind}/", authorization=f"Basic {key}").status_code == 404
    assert post(f"/hooks/{source.kind}/").status_code == 404
    assert Delivery.objects.count() == 2


def test_the_last_slash_may_be_missing(path: str) -> None:
    assert post(path.rstrip("/")).status_code == 202


def test_a_wrong_key_and_a_wrong_kind_are_answered_alike() -> None:
    source, key = am.with_key()
    unknown, wrong_kind = post(f"/hooks/{source.kind}/{key}x/"), post(f"/hooks/grafana/{key}/")
    assert (unknown.status_code, wrong_kind.status_code) == (404, 404)
    assert unknown.content == wrong_kind.content
    assert not Delivery.objects.exists()


def test_a_disabled_source_takes_nothing() -> None:
    source, key = am.with_key()
    sourcing.disable(source, by=make.person(), now=timezone.now())
    assert post(f"/hooks/{source.kind}/{key}/").status_code == 404
    sourcing.enable(source, by=make.person(), now=timezone.now())
    assert post(f"/hooks/{source.kind}/{key}/").status_code == 202


def test_the_old_key_stops_working() -> None:
    source, old = am.with_key()
    new = rotating.new_key(source, by=make.person(), now=timezone.now(), overlap=timedelta(0))
    assert post(f"/hooks/{source.kind}/{old}/").status_code == 404
    assert post(f"/hooks/{source.kind}/{new}/").status_code == 202


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"alerts": [', "not JSON"),
        (b"", "empty"),
        (b"\xff\xfe{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"a=1&b=2", "not JSON"),
    ],
)
def test_what_is_no_json_is_kept_as_rejected_and_said_so(path: str, rung: list[str], body: bytes, reason: str) -> None:
    answer = post(path, body)
    delivery = Delivery.objects.get()
    assert answer.status_code == 400
    assert answer.json()["detail"] == delivery.reason
    assert (delivery.state, reason in delivery.reason) == ("rejected", True)
    assert bytes(delivery.body) == body
    assert delivery.processed_at is not None
    assert rung == []


def test_json_of_an_unknown_shape_is_taken(path: str) -> None:
    assert post(path, b"[]").status_code == 202
    assert post(path, b"1").status_code == 202


def test_too_large_is_413(path: str) -> None:
    assert post(path, b" " * (settings.HOOK_MAX_BYTES + 1)).status_code == 413
    assert post(path, b'"' + b"a" * (settings.HOOK_MAX_BYTES - 2) + b'"').status_code == 202
    assert Delivery.objects.count() == 1


def chunked(path: str, body: bytes, length: str | None = None) -> WSGIRequest:
    """A request as a server hands it on whose sender gave no length, or a lie."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    return WSGIRequest(environ)


def test_a_body_without_a_length_is_read_and_measured() -> None:
    source, key = am.with_key()
    assert hooks.receive(chunked("/", BODY), source.kind, key).status_code == 202
    assert bytes(Delivery.objects.get().body) == BODY
    long = b" " * (settings.HOOK_MAX_BYTES + 1)
    assert hooks.receive(chunked("/", long), source.kind, key).status_code == 413
    assert hooks.receive(chunked("/", long, "nonsense"), source.kind, key).status_code == 413


def test_a_length_that_lies_low_cannot_smuggle_a_long_body() -> None:
    source, key = am.with_key()
    long = BODY + b" " * settings.HOOK_MAX_BYTES
    assert hooks.receive(chunked("/", long, str(len(BODY))), source.kind, key).status_code == 202
    assert bytes(Delivery.objects.get().body) == BODY


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_only_post(path: str, method: str) -> None:
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_a_database_that_is_away_asks_to_come_back(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(intake, "take", away)
    answer = post(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_it_needs_neither_sign_in_nor_csrf(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(path, BODY, content_type="application/json").status_code == 202


def test_headers_cannot_carry_what_postgres_cannot_store(path: str) -> None:
    assert post(path, user_agent="a\x00b").status_code == 202


def test_the_key_in_a_path_stays_out_of_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    _, key = am.with_key()
    caplog.handler.addFilter(RequestIdFilter())
    for answer in (post(f"/hooks/grafana/{key}/"), Client().get(f"/hooks/alertmanager/{key}/")):
        assert answer.status_code in {404, 405}
    records = [record for record in caplog.records if record.name == "django.request"]
    assert len(records) == 2
    assert "/hooks/alertmanager/…/" in records[1].getMessage()
    assert not any(key in str(vars(record)) for record in records)


def test_the_headers_that_an_adapter_reads_are_kept_and_no_others() -> None:
    """A binary CloudEvent is all in its headers; whatever else came along is not kept."""
    source, key = sourcing.add(kind="cloudevents", name="Events", by=None, now=timezone.now())
    event = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "/x", "ce_type": "com.example.disk.failed"}
    answer = post(
        f"/hooks/cloudevents/{key}/", b'{"title": "Disk is full"}', **event, authorization="Basic x", ce_tier=""
    )
    assert answer.status_code == 202
    kept = Delivery.objects.get()
    assert kept.headers == {name.replace("_", "-"): value for name, value in event.items()}
    am.drain()
    kept.refresh_from_db()
    assert (kept.state, kept.reason) == ("digested", "")
    assert source.alerts.get().title == "Disk is full"


def test_what_need_not_be_json_is_kept_whatever_it_is() -> None:
    _, key = sourcing.add(kind="datadog", name="Monitors", by=None, now=timezone.now())
    assert post(f"/hooks/datadog/{key}/", b"alert_cycle_key=1&alert_transition=Triggered&title=Slow").status_code == 202
    assert post(f"/hooks/datadog/{key}/", b"words").status_code == 202
    am.drain()
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["digested", "rejected"]
