"""The law of the digest, through the database: order, repeats and batches do not change what there is in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from incidents.alerts import digest
from incidents.alerts.models import Alert, Delivery
from incidents.response.models import Incident
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

LABELS: Sequence[dict[str, str]] = (
    {"component": "retriever", "severity": "warning"},
    {"component": "retriever", "severity": "critical", "instance": "b"},
    {"service": "fraud-score", "severity": "info"},
    {"host": "h1", "severity": "odd"},
)


@dataclass(frozen=True)
class Told:
    """One alert of a batch as Alertmanager tells it; everything lies within one grouping window."""

    what: int
    starts: int
    ends: int | None

    def alert(self) -> dict[str, Any]:
        ends = None if self.ends is None else minutes(self.ends)
        return am.alert(f"A{self.what}", starts=minutes(self.starts), ends=ends, **LABELS[self.what])


Stream = list[list[Told]]  # deliveries


@st.composite
def streams(draw: st.DrawFn) -> tuple[Stream, Stream]:
    """Lives of some problems, in order and one alert a delivery; and shuffled, with repeats, in batches."""
    in_order: list[Told] = []
    for what in draw(st.sets(st.integers(0, len(LABELS) - 1), min_size=1)):
        times = sorted(draw(st.lists(st.integers(0, 24), min_size=1, max_size=12, unique=True)))
        for starts, *ends in _cut(times, 2):
            in_order += [Told(what, starts, None), *(Told(what, starts, end) for end in ends)]
    in_order.sort(key=lambda told: told.starts if told.ends is None else told.ends)
    repeats = draw(st.lists(st.sampled_from(in_order), max_size=4))
    shuffled = draw(st.permutations([*in_order, *repeats]))
    return _cut(in_order, 1), _cut(shuffled, draw(st.integers(1, 5)))


def _cut(many: Sequence[Any], size: int) -> list[Any]:
    return [list(many[start : start + size]) for start in range(0, len(many), size)]


def _ends_as(stream: Stream, *, size: int) -> Any:
    """What a stream becomes, digested so many deliveries at a time; rolled back."""
    with transaction.atomic():
        source = am.source("Main cluster")
        for number, batch in enumerate(stream):
            at = minutes(25) + timedelta(milliseconds=number)
            am.deliver(source, *(told.alert() for told in batch), at=at)
        while digest.batch(now=minutes(25), size=size):
            pass
        assert set(Delivery.objects.values_list("state", flat=True)) == {"digested"}
        ended = _incidents()
        transaction.set_rollback(True)
    return ended


def _incidents() -> Any:
    """Each incident as its facts and its members' lives, in no order."""
    members = defaultdict(list)
    for alert in Alert.objects.all():
        said = (alert.times_seen > 0, alert.lately, alert.flapping)
        members[alert.incident_id].append((alert.name, alert.started_at, alert.resolved_at, alert.severity, *said))
    assert None not in members
    return sorted(
        (
            str(one.service),
            one.severity,
            one.detected_at,
            one.last_alert_at,
            one.joinable,
            sorted(members[one.pk], key=str),
        )
        for one in Incident.objects.select_related("service")
    )


class StreamsOfAlerts(TestCase):
    """Each example runs in its own rolled-back transaction."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(stream=streams(), size=st.integers(1, 8))
    def test_order_repeats_and_batches_do_not_matter(self, stream: tuple[Stream, Stream], size: int) -> None:
        """Alerts, the incidents they are in, their severity and times."""
        make.component("retriever", of=make.service("Support answers", owner=make.person()))
        make.service("Fraud score", owner=make.person())
        in_order, shuffled = stream
        assert _ends_as(shuffled, size=size) == _ends_as(in_order, size=1)
