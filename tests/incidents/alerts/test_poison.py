"""What cannot be digested is rejected with its reason and never holds up the others."""

from __future__ import annotations

import json

import pytest

from incidents.alerts import digest
from incidents.alerts.models import Alert, Delivery
from incidents.alerts.sources import alertmanager, documents
from incidents.response.models import Incident
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db


def test_what_is_no_alert_is_rejected_with_its_reason() -> None:
    delivery = am.deliver(am.source(), raw=b'{"labels": {"severity": "warning"}}')
    am.drain()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.processed_at) == ("rejected", NOON)
    assert "no `alerts` list" in delivery.reason


def test_what_can_be_read_of_a_batch_is_digested() -> None:
    delivery = am.send(am.source(), am.alert(), {**am.alert("Odd"), "status": "warning"})
    assert (delivery.state, Alert.objects.count()) == ("digested", 1)
    assert delivery.reason.startswith("alert 2: ")


def test_nul_and_half_surrogates_never_reach_the_database() -> None:
    text = json.dumps({"status": "firing", "alerts": [am.alert(summary="a\x00b\ud800", team="x\x00")]})
    delivery = am.deliver(am.source(), raw=text.encode())
    am.drain()
    delivery.refresh_from_db()
    assert delivery.state == "digested"
    assert Alert.objects.get().title == "a�b�"


def test_an_adapter_that_fails_costs_one_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    source = am.source()
    poison, fine = am.deliver(source, raw=b'{"poison": 1}'), am.deliver(source, am.alert())
    parse = alertmanager.parse

    def failing(body: bytes, headers: object, **rest: object) -> object:
        if b"poison" in body:
            raise KeyError("gap")
        return parse(body, headers, **rest)

    monkeypatch.setattr(alertmanager, "parse", failing)
    am.drain()
    poison.refresh_from_db()
    fine.refresh_from_db()
    assert (poison.state, fine.state) == ("rejected", "digested")
    assert "KeyError" in poison.reason


def test_poison_that_the_database_refuses_never_blocks_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    source = am.source()
    poison = am.deliver(source, am.alert(severity="poison"), at=minutes(-1))
    fine = [am.deliver(source, am.alert(f"A{n}")) for n in range(3)]
    keep = documents.clean
    monkeypatch.setattr(documents, "clean", lambda text: keep(text) + ("\x00" if text == "poison" else ""))
    am.drain()
    poison.refresh_from_db()
    assert (poison.state, poison.attempts) == ("rejected", digest.TRIES)
    assert "could not be digested" in poison.reason
    assert set(Delivery.objects.filter(pk__in=[one.pk for one in fine]).values_list("state", flat=True)) == {"digested"}
    assert Alert.objects.count() == 3


def test_a_batch_that_dies_leaves_everything_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the last statement: nothing is half done, and the next run does it once."""
    delivery = am.deliver(am.source(), am.alert())

    class Killed(BaseException):
        pass

    def die(*args: object, **kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(digest.chronicle, "tell", die)
        with pytest.raises(Killed):
            digest.batch(now=NOON)
    delivery.refresh_from_db()
    assert (delivery.state, Alert.objects.count(), Incident.objects.count()) == ("waiting", 0, 0)
    am.drain()
    assert (Alert.objects.count(), Incident.objects.count()) == (1, 1)
