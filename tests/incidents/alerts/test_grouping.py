"""Which alerts become one incident: the policy of the service, in the version that held when they were received."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.alerts import settling
from incidents.alerts.models import Alert
from incidents.response import lifecycle
from incidents.response import policies as acts
from incidents.response.models import GroupingPolicy, Incident, TimelineRow
from incidents.response.policies import NoPolicy, PolicyChanged, Said
from incidents.response.queries import policies
from ownership.models import Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes
from web.errors import DomainError, Invalid

pytestmark = pytest.mark.django_db
ANSWERS = "support-answers"


@pytest.fixture(autouse=True)
def _quiet(settings: object) -> None:
    settings.QUIET_SECONDS = 60


@pytest.fixture
def service() -> Service:
    return make.service("Support answers", owner=make.person("Priya Nair"))


def groups() -> list[list[str]]:
    """The names of each incident's alerts, in the order in which the incidents opened."""
    return [
        list(Alert.objects.filter(incident=one).order_by("started_at", "name").values_list("name", flat=True))
        for one in Incident.objects.order_by("pk")
    ]


def fires(name: str, at: float, *, ends: float | None = None, **labels: str) -> None:
    """One alert of the service, sent as it begins and, when it ends, as it ends; settled in between."""
    source = Alert.objects.order_by("pk").first()
    to = source.source if source else am.source()
    settling.settle(now=minutes(at))
    am.send(to, am.alert(name, starts=minutes(at), service=ANSWERS, **labels), at=minutes(at))
    if ends is not None:
        ended = am.alert(name, starts=minutes(at), ends=minutes(ends), service=ANSWERS, **labels)
        am.send(to, ended, at=minutes(ends))


def last_row(kind: str) -> TimelineRow:
    return TimelineRow.objects.filter(kind=kind).order_by("pk").reverse()[0]


# ---- the key and the window ----


def test_without_a_policy_the_built_in_one_holds_and_says_so(service: Service) -> None:
    fires("Slow", 0)
    fires("Down", 20)
    assert groups() == [["Slow", "Down"]]
    assert "grouped by the built-in policy: service, within 30 min" in Alert.objects.get(name="Down").why
    assert "the built-in policy: service, within 30 min" in last_row("routed").why


def test_labels_of_the_policy_cut_incidents_apart_and_the_page_can_say_which(service: Service) -> None:
    am.policy(service, labels=["region"])
    fires("Slow", 0, region="eu")
    fires("Slow", 1, region="us")
    fires("Down", 2, region="eu")
    fires("Odd", 3)
    assert groups() == [["Slow", "Down"], ["Slow"], ["Odd"]]
    why = Alert.objects.get(name="Down").why
    assert "Support answers with region=eu was less than 30 min before" in why
    assert "grouped by policy v1 of Support answers: service + label region, within 30 min" in why
    assert "Support answers with no region had no incident to join" in Alert.objects.get(name="Odd").why


def test_the_window_is_the_policys(service: Service) -> None:
    am.policy(service, window_minutes=5)
    fires("Slow", 0)
    fires("Down", 5)
    fires("Late", 10.1)
    assert groups() == [["Slow", "Down"], ["Late"]]


def test_the_maximum_length_is_the_policys(service: Service) -> None:
    am.policy(service, longest_minutes=60)
    for minute in (0, 25, 50, 61):
        fires(f"At {minute}", minute)
    assert groups() == [["At 0", "At 25", "At 50"], ["At 61"]]


def test_the_default_policy_holds_for_services_without_their_own(service: Service) -> None:
    am.policy(window_minutes=5)
    am.policy(make.service("Fraud score"), window_minutes=90)
    fires("Slow", 0)
    fires("Down", 6)
    assert groups() == [["Slow"], ["Down"]]
    assert "grouped by default policy v1: service, within 5 min" in Alert.objects.get(name="Down").why


def test_the_default_policys_labels_cut_what_nobody_answers_for_too() -> None:
    am.policy(labels=["cluster"])
    source = am.source()
    am.send(source, *[am.alert("Strange", cluster=name, instance="1") for name in ("a", "b")])
    assert Incident.objects.filter(service=None).count() == 2


def test_settling_ends_joining_and_resolves_by_each_ones_policy(service: Service) -> None:
    am.policy(service, window_minutes=5, quiet_seconds=600)
    fires("Slow", 0, ends=1)
    source = Alert.objects.get().source
    am.send(source, am.alert("Strange"))
    am.send(source, am.alert("Strange", ends=minutes(1)), at=minutes(1))
    first, other = Incident.objects.order_by("pk")
    assert settling.settle(now=minutes(6)) == 1
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.resolved_at, first.joinable, other.resolved_at) == (None, False, minutes(1))
    assert settling.settle(now=minutes(10.9)) == 0
    assert settling.settle(now=minutes(11)) == 1
    assert last_row("resolved").why.endswith("nothing came for 10 min; policy v1 of Support answers")


def test_any_number_of_policies_takes_the_same_statements() -> None:
    counts = set()
    for count in (1, 4):
        source = am.source()
        names = [f"s{count}-{number}" for number in range(count)]
        for name in names:
            am.policy(make.service(name), window_minutes=7, quiet_seconds=30)
        am.send(source, *[am.alert(name, service=name) for name in names])
        am.send(source, *[am.alert(name, ends=minutes(5), service=name) for name in names], at=minutes(5))
        with CaptureQueriesContext(connection) as captured:
            assert settling.settle(now=minutes(10)) == count
        counts.add(len(captured))
    assert len(counts) == 1


# ---- versions ----


def test_what_was_received_before_a_version_is_grouped_by_the_one_before(service: Service) -> None:
    """A worker that was away makes of its backlog what it would have made at once."""
    source = am.source()
    am.policy(service, window_minutes=60)
    am.deliver(source, am.alert("One", service=ANSWERS))
    am.deliver(source, am.alert("Two", service=ANSWERS, starts=minutes(40)), at=minutes(40))
    am.policy(service, window_minutes=5, now=minutes(41))
    am.drain(minutes(90))
    assert groups() == [["One", "Two"]]


def test_an_open_incident_keeps_the_version_that_it_opened_under(service: Service) -> None:
    first = am.policy(service, window_minutes=60)
    fires("One", 0)
    am.policy(service, window_minutes=5, now=minutes(1))
    fires("Two", 40)
    incident = Incident.objects.get()
    assert incident.policy == first
    assert "policy v1 of Support answers" in Alert.objects.get(name="Two").why
    fires("Three", 110)
    fires("Four", 116)
    assert groups() == [["One", "Two"], ["Three"], ["Four"]]
    assert "policy v2 of Support answers" in Alert.objects.get(name="Four").why


def test_a_new_version_supersedes_the_old_one_and_keeps_it(service: Service) -> None:
    am.policy(service, window_minutes=10)
    am.policy(service, window_minutes=20, now=NOON)
    old, new = GroupingPolicy.objects.order_by("version")
    assert (old.version, old.superseded_at, new.version, new.superseded_at) == (1, NOON, 2, None)
    held = policies.in_force({(service.pk, minutes(-1)), (service.pk, NOON), (service.pk, am.LONG_AGO - timedelta(1))})
    assert [held[key] for key in sorted(held)] == [None, old, new]


def test_a_service_can_go_back_to_the_default(service: Service) -> None:
    default = am.policy(window_minutes=7)
    am.policy(service, window_minutes=10)
    acts.give_up(service, now=NOON)
    assert policies.in_force({(service.pk, NOON)}) == {(service.pk, NOON): default}
    with pytest.raises(NoPolicy):
        acts.give_up(service, now=minutes(1))
    assert am.policy(service, now=minutes(2)).version == 2


def test_who_looked_at_an_older_version_is_told(service: Service) -> None:
    am.policy(service)
    with pytest.raises(PolicyChanged):
        acts.save(service, Said(), by=make.person(), now=NOON, based_on=0)
    assert acts.save(service, Said(), by=make.person(), now=NOON, based_on=1).version == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"labels": ["a", "b", "c", "d", "e", "f"]}, "labels"),
        ({"labels": ["two words"]}, "labels"),
        ({"labels": ["a", "a"]}, "labels"),
        ({"window_minutes": 0}, "window_minutes"),
        ({"window_minutes": 2000, "longest_minutes": 1000}, "window_minutes"),
        ({"longest_minutes": 43201}, "window_minutes"),
        ({"reopen_minutes": 1441}, "reopen_minutes"),
        ({"flap_times": 1}, "flap_times"),
        ({"quiet_seconds": 86401}, "quiet_seconds"),
        ({"calm_minutes": 1441}, "flap_minutes"),
    ],
)
def test_what_no_policy_can_say_is_refused_with_its_field(said: dict[str, object], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        am.policy(**said)
    assert (refused.value.field, refused.value.status) == (field, 422)
    assert isinstance(refused.value, Invalid) or field in {"quiet_seconds", "flap_minutes"}


def test_the_database_lets_nobody_rewrite_a_version(service: Service) -> None:
    made = am.policy(service)
    for change in (
        lambda rows: rows.update(window_minutes=1),
        lambda rows: rows.update(superseded_at=NOON, window_minutes=1),
        lambda rows: rows.delete(),
    ):
        with pytest.raises(IntegrityError, match="superseded"), transaction.atomic():
            change(GroupingPolicy.objects.filter(pk=made.pk))


def test_two_versions_are_never_in_force_at_once() -> None:
    am.policy()
    with pytest.raises(IntegrityError, match="grouping_one_current"), transaction.atomic():
        GroupingPolicy.objects.create(version=2)


# ---- coming back ----


def came_back(at: float) -> tuple[int, TimelineRow | None]:
    """An incident that resolved by itself at minute 5, and its problem again: how many there are, and the row."""
    fires("Slow", 0, ends=5)
    fires("Slow", at)
    return Incident.objects.count(), TimelineRow.objects.filter(kind="reopened").first()


def test_what_comes_back_is_a_new_incident_by_default(service: Service) -> None:
    assert came_back(12) == (2, None)


def test_within_the_reopen_window_the_same_incident_opens_again_and_says_why(service: Service) -> None:
    am.policy(service, reopen_minutes=20)
    count, row = came_back(12)
    assert count == 1
    incident = Incident.objects.get()
    assert (incident.resolved_at, incident.resolved_how, incident.joinable) == (None, "", True)
    assert row is not None
    assert (row.at, row.by) == (minutes(12), None)
    assert "came back within 20 min after its alerts had resolved; grouped by policy v1" in row.why
    assert am.kinds(incident) == [
        "routed", "alert_firing", "alert_resolved", "resolved", "reopened", "alert_firing",
    ]  # fmt: skip


def test_past_the_reopen_window_it_is_a_new_one(service: Service) -> None:
    am.policy(service, reopen_minutes=20)
    assert came_back(25.1) == (2, None)


def test_one_opened_again_by_its_alerts_resolves_by_itself_again(service: Service) -> None:
    am.policy(service, reopen_minutes=20)
    fires("Slow", 0, ends=5)
    fires("Slow", 12, ends=15)
    assert settling.settle(now=minutes(16)) == 1
    assert Incident.objects.get().resolved_at == minutes(15)
    assert TimelineRow.objects.filter(kind="resolved").count() == 2


def test_one_that_a_person_resolved_is_left_alone(service: Service) -> None:
    am.policy(service, reopen_minutes=60)
    fires("Slow", 0, ends=5)
    lifecycle.resolve(Incident.objects.get(), by=make.person(), now=minutes(5.5))
    fires("Slow", 12)
    assert groups() == [["Slow"], ["Slow"]]


def test_a_backlog_reopens_as_it_would_have_at_once(service: Service) -> None:
    am.policy(service, reopen_minutes=20)
    source = am.source()
    am.deliver(source, am.alert(service=ANSWERS))
    am.deliver(source, am.alert(service=ANSWERS, ends=minutes(5)), at=minutes(5))
    am.deliver(source, am.alert(service=ANSWERS, starts=minutes(12)), at=minutes(12))
    am.drain(minutes(300))
    assert Incident.objects.count() == 1
    assert last_row("reopened").at == minutes(12)


def test_reopening_takes_the_joinable_place_of_one_past_its_window(service: Service) -> None:
    """The unique index holds inside one statement too."""
    am.policy(service, reopen_minutes=600, window_minutes=5)
    fires("Slow", 0, ends=1)
    settling.settle(now=minutes(4))
    Incident.objects.update(grouping_key="elsewhere")
    fires("Other", 5)
    Incident.objects.update(grouping_key=f"service:{service.pk}")
    source = Alert.objects.order_by("pk")[0].source
    am.send(source, am.alert("Third", starts=minutes(30), service=ANSWERS), at=minutes(30))
    first, other = Incident.objects.order_by("pk")
    assert (first.joinable, first.resolved_at, other.joinable) == (True, None, False)
