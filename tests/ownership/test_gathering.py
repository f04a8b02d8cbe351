"""From notices to messages: at once, gathered, held for quiet hours, to a team in place of its members."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ownership import channels, confirming, gathering, notifying
from ownership.models import Channel, Message, Notice, Person, Team
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def with_mail(settings: Any) -> None:
    settings.EMAIL_CONFIGURED = True


def tell(*people: Any, now: datetime = NOON, urgent: bool = False, kind: str = "assigned", times: int = 1) -> None:
    things = [notifying.Telling(people, f"Thing {number}", "/", urgent=urgent) for number in range(times)]
    notifying.tell_each(things, kind=kind, now=now)


def gather(now: datetime = NOON) -> list[tuple[int, bool]]:
    """The new messages: how many notices, and whether urgent."""
    before = set(Message.objects.values_list("pk", flat=True))
    gathering.gather(now=now)
    made = Message.objects.exclude(pk__in=before).select_related("bundle").order_by("pk")
    return [(one.count, one.bundle.urgent) for one in made if one.bundle]


def quiet(owner: Person | Team, **said: Any) -> None:
    """From 22:00 to 07:00 in Berlin, every day."""
    hours: dict[str, Any] = {"time_zone": "Europe/Berlin", "quiet_from": time(22), "quiet_until": time(7)}
    hours |= {"quiet_days": list(range(7)), "whole_days": [], **said}
    channels.set_manner(owner, by=make.person(), now=NOON, **hours)


def test_the_first_goes_at_once_and_what_follows_is_one_message_with_a_count() -> None:
    person = make.person()
    tell(person)
    assert gather() == [(1, False)]
    for second in range(1, 200):
        tell(person, now=NOON + timedelta(seconds=second))
        assert gather(NOON + timedelta(seconds=second)) == []
    assert gather(NOON + 5 * MINUTE - timedelta(seconds=1)) == []
    assert gather(NOON + 5 * MINUTE) == [(199, False)]
    assert gather(NOON + 20 * MINUTE) == []


def test_a_storm_is_one_message_with_a_count() -> None:
    person = make.person()
    tell(person, times=1_000)
    assert gather() == [(1_000, False)]


def test_what_is_urgent_waits_for_nothing_that_is_not_and_is_gathered_by_itself() -> None:
    person = make.person()
    tell(person)
    assert gather() == [(1, False)]
    tell(person, now=NOON + MINUTE)
    tell(person, now=NOON + MINUTE, urgent=True)
    assert gather(NOON + MINUTE) == [(1, True)]
    tell(person, now=NOON + MINUTE, urgent=True, times=3)
    assert gather(NOON + MINUTE) == []
    assert gather(NOON + 2 * MINUTE) == [(3, True)]
    assert gather(NOON + 5 * MINUTE) == [(1, False)]


def test_readers_do_not_wait_for_each_other() -> None:
    ada, ben = make.person(), make.person()
    tell(ada)
    assert gather() == [(1, False)]
    tell(ada, ben, now=NOON + MINUTE)
    assert gather(NOON + MINUTE) == [(1, False)]
    assert Message.objects.latest("pk").channel.person == ben


def test_quiet_hours_hold_what_is_not_urgent_and_end_in_one_digest() -> None:
    person = make.person()
    quiet(person)
    night = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    morning = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    for minute in range(3):
        tell(person, now=night + minute * MINUTE)
        tell(person, now=night + minute * MINUTE, urgent=True)
    assert gather(night + 3 * MINUTE) == [(3, True)]
    assert gather(morning - MINUTE) == []
    assert gather(morning) == [(3, False)]


def test_a_quiet_weekend_is_longer_than_a_day_and_loses_nothing() -> None:
    person = make.person()
    quiet(person, quiet_from=None, quiet_until=None, quiet_days=[], whole_days=[5, 6])
    friday_night = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    tell(person, now=friday_night)
    assert gather(friday_night) == []
    monday = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    assert gather(monday - MINUTE) == []
    assert gather(monday) == [(1, False)]


def test_the_night_when_clocks_change_ends_by_the_clock() -> None:
    person = make.person()
    quiet(person)
    tell(person, now=datetime(2026, 10, 24, 21, 0, tzinfo=UTC))  # 23:00 summer time
    assert gather(datetime(2026, 10, 25, 5, 59, tzinfo=UTC)) == []
    assert gather(datetime(2026, 10, 25, 6, 0, tzinfo=UTC)) == [(1, False)]  # 07:00 winter time


def test_who_ends_their_quiet_hears_at_once() -> None:
    person = make.person()
    quiet(person)
    night = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    tell(person, now=night)
    assert gather(night) == []
    nothing = {"quiet_from": None, "quiet_until": None, "quiet_days": [], "whole_days": []}
    channels.set_manner(person, by=person, now=night, time_zone="UTC", **nothing)
    assert gather(night) == [(1, False)]


def test_each_channel_is_told_what_it_is_for() -> None:
    person = make.person()
    chat = make.channel(person)
    Channel.objects.filter(pk=chat.pk).update(muted=["assigned"])
    make.channel(person)
    off = make.channel(person)
    Channel.objects.filter(pk=off.pk).update(enabled=False)
    tell(person, times=2)
    tell(person, kind="given", times=3)
    gather()
    told = {one.channel_id: one.count for one in Message.objects.all()}
    assert sorted(told.values()) == [3, 5, 5]
    assert told[chat.pk] == 3
    assert off.pk not in told


def readers() -> list[str]:
    return sorted(str(one.channel.owner) for one in Message.objects.select_related("channel__person", "channel__team"))


@pytest.mark.parametrize("members_too", [False, True])
def test_a_team_with_a_channel_gets_one_message_in_place_of_its_members_or_beside(members_too: bool) -> None:
    ada, ben = make.person("Ada"), make.person("Ben")
    team = make.team("Search", ada, ben)
    make.channel(team)
    quiet(team, quiet_from=None, quiet_until=None, quiet_days=[], members_too=members_too)
    notifying.tell([team], kind="assigned", text="x", path="/", now=NOON)
    tell(team)
    gather()
    assert readers() == (["Ada", "Ben", "Search"] if members_too else ["Search"])
    assert Notice.objects.filter(person=ada).count() == 2  # on the page in any case
    assert Message.objects.get(channel__team=team).count == 2


def test_who_is_told_by_themselves_or_through_two_teams_hears_it_by_themselves() -> None:
    ada, ben, cleo = make.person("Ada"), make.person("Ben"), make.person("Cleo")
    search, answers = make.team("Search", ada, ben, cleo), make.team("Answers", ben)
    make.channel(search)
    notifying.tell([search, answers, ada], kind="assigned", text="x", path="/", now=NOON)
    gather()
    assert readers() == ["Ada", "Ben", "Search"]


@pytest.mark.parametrize("broken", [{"failing_since": NOON}, {"enabled": False}, {"muted": ["assigned"]}])
def test_members_hear_it_where_the_teams_channel_does_not_take_it(broken: dict[str, Any]) -> None:
    ada = make.person("Ada")
    team = make.team("Search", ada)
    Channel.objects.filter(pk=make.channel(team).pk).update(**broken)
    tell(team)
    gather()
    assert "Ada" in readers()


def test_what_was_held_is_not_dropped_for_a_channel_that_the_team_has_only_since() -> None:
    ada = make.person("Ada")
    team = make.team("Search", ada)
    quiet(ada)
    night = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    morning = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    tell(team, now=night)
    assert gather(night) == []
    make.channel(team)
    tell(team, now=night + MINUTE, kind="given")  # this the team's channel says
    assert gather(morning) == [(1, False), (1, False)]
    assert readers() == ["Ada", "Search"]


def test_a_reminder_to_a_team_goes_through_its_channel_once() -> None:
    ada, ben = make.person("Ada"), make.person("Ben")
    team = make.team("Search", ada, ben)
    make.channel(team)
    make.service(owner=team)
    for _ in range(2):
        confirming.remind_due(now=NOON)
    gather()
    assert readers() == ["Search"]
    assert Notice.objects.filter(person__isnull=False).count() == 2


def test_a_team_that_was_dissolved_and_people_who_left_hear_nothing() -> None:
    ada = make.person()
    team = make.team("Search")
    make.channel(team)
    tell(ada, team)
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    Team.objects.filter(pk=team.pk).update(dissolved_at=NOON)
    assert gather() == []
    assert not Notice.objects.filter(due_at__isnull=False).exists()


def test_a_sweep_costs_the_same_for_one_and_for_many() -> None:
    costs = []
    for number in (1, 200):
        people = [make.person() for _ in range(number)]
        for person in people[:50]:
            quiet(person)
        tell(*people, times=3)
        tell(*people, times=2, urgent=True)
        with CaptureQueriesContext(connection) as queries:
            gathering.gather(now=NOON)
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert Message.objects.count() == 402


def test_what_is_read_first_needs_no_message() -> None:
    person = make.person()
    tell(person)
    notifying.mark_seen(person, now=NOON)
    assert gather() == []
