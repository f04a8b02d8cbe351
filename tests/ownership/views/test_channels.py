"""How somebody is told: one's own page, a team's, one channel, its test; as owner, teammate, stranger and admin."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.test import Client

from ownership import notifying, sending
from ownership.models import Channel, Manner, Message, Person, Team
from tests import factories as make
from tests.ownership.conftest import cost, signed_in, text_of

pytestmark = pytest.mark.django_db

HOOK = "jsons://hooks.example.org/services/s3cr3t-part"
OWN, TEAMS = "/people/me/channels/", "/teams/search/channels/"


@pytest.fixture
def mate() -> Person:
    return make.person("Mia Mate", role="viewer")


@pytest.fixture
def team(mate: Person) -> Team:
    return make.team("Search", mate)


def test_everybody_has_their_mail_and_the_page_says_whether_it_works(settings: Any, mate: Person) -> None:
    client = signed_in(mate)
    settings.EMAIL_CONFIGURED = False
    assert "no mail server is set up here" in text_of(client, OWN)
    settings.EMAIL_CONFIGURED = True
    assert mate.email in text_of(client, OWN)
    assert "not used yet" in text_of(client, OWN)
    Channel.objects.filter(person=mate).update(failing_since=make.NOON, failure="550 no such mailbox")
    assert "550 no such mailbox" in text_of(client, OWN)
    assert "A channel of yours fails" in text_of(client, "/people/me/")


def test_a_channel_is_added_and_its_address_never_shown_again(mate: Person) -> None:
    client = signed_in(mate)
    answer = client.post(OWN, {"address": HOOK, "label": "My hook"})
    made = mate.channels.exclude(sealed="").get()
    assert answer["Location"] == f"/channels/{made.pk}/"
    for url in (OWN, f"/channels/{made.pk}/"):
        page = text_of(client, url)
        assert "My hook" in page
        assert "hooks.example.org" in page
        assert "s3cr3t" not in page
    assert "s3cr3t" not in str(Channel.objects.filter(pk=made.pk).values())


def test_what_is_no_address_is_refused_with_the_cure_and_kept(mate: Person) -> None:
    answer = signed_in(mate).post(OWN, {"address": "https://example.org/hook", "label": "My hook"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "write jsons://" in page
    assert 'value="My hook"' in page
    assert mate.channels.count() == 1


def test_there_are_ten_at_most(mate: Person) -> None:
    for _ in range(10):
        make.channel(mate)
    answer = signed_in(mate).post(OWN, {"address": HOOK})
    assert answer.status_code == 422
    assert "ten channels already" in answer.content.decode()


def test_what_is_told_there_is_chosen_and_shown(mate: Person) -> None:
    client, mail = signed_in(mate), mate.channels.get()
    told = {"told": ["assigned", "given"], "enabled": "on"}
    assert client.post(f"/channels/{mail.pk}/", told).status_code == 302
    mail.refresh_from_db()
    assert "confirm_due" in mail.muted
    assert not {"assigned", "given"} & set(mail.muted)
    assert "who answers was set, work was handed to you" in text_of(client, OWN)
    assert client.post(f"/channels/{mail.pk}/", {}).status_code == 302  # nothing told, switched off
    page = text_of(client, OWN)
    assert "nothing" in page
    assert "switched off" in page
    assert f"/channels/{mail.pk}/test/" not in page


def test_own_mail_is_switched_off_and_not_removed(mate: Person) -> None:
    mail = mate.channels.get()
    answer = signed_in(mate).post(f"/channels/{mail.pk}/remove/", follow=True)
    assert "own e-mail stays a channel" in answer.content.decode()
    assert mate.channels.count() == 1


def test_a_new_address_takes_the_place_of_the_old_and_none_keeps_it(mate: Person) -> None:
    client, mine = signed_in(mate), make.channel(mate)
    Channel.objects.filter(pk=mine.pk).update(failing_since=make.NOON, failure="x", try_after=make.NOON)
    client.post(f"/channels/{mine.pk}/", {"enabled": "on", "label": "Same"})
    kept = Channel.objects.get(pk=mine.pk)
    assert (kept.sealed, kept.failing_since) == (mine.sealed, make.NOON)
    client.post(f"/channels/{mine.pk}/", {"enabled": "on", "address": "ntfys://my-topic"})
    fresh = Channel.objects.get(pk=mine.pk)
    assert (fresh.kind, fresh.hint, fresh.failing_since, fresh.try_after) == ("ntfy", "", None, None)
    assert client.post(f"/channels/{mine.pk}/", {"address": "file:///x", "enabled": "on"}).status_code == 422


def test_the_result_of_a_test_is_shown_when_it_is_known(mate: Person) -> None:
    client, mail = signed_in(mate), mate.channels.get()
    page = f"/channels/{mail.pk}/"
    assert client.post(f"{page}test/")["Location"] == f"{page}#trial"
    assert 'hx-trigger="every 2s"' in text_of(client, page)
    assert "is on its way" in text_of(client, page)
    part = client.get(page, headers={"HX-Request": "true", "HX-Target": "trial"}).content.decode()
    assert 'id="trial"' in part
    assert "<html" not in part
    sending.send_due(now=Message.objects.get().made_at)
    after = text_of(client, page)
    assert sending.NO_SERVER in after
    assert "every 2s" not in after


def test_another_persons_channel_is_as_good_as_none(mate: Person, as_admin: Client) -> None:
    theirs = make.channel(mate)
    for path in ("", "test/", "remove/"):
        assert as_admin.get(f"/channels/{theirs.pk}/{path}").status_code == 404
        assert as_admin.post(f"/channels/{theirs.pk}/{path}", {"enabled": "on"}).status_code == 404
    assert Channel.objects.filter(pk=theirs.pk, enabled=True).exists()
    assert "hooks.example.org" not in text_of(as_admin, OWN)


@pytest.mark.parametrize(("who", "may"), [("mate", True), ("editor", True), ("admin", True), ("stranger", False)])
def test_members_and_editors_change_how_a_team_is_told_and_everybody_reads_it(
    team: Team, mate: Person, who: str, may: bool
) -> None:
    person = mate if who == "mate" else make.person(role="responder" if who == "stranger" else who)
    client, of_team = signed_in(person), make.channel(team)
    page = text_of(client, TEAMS)
    assert "hooks.example.org" in page
    assert "s3cr3t" not in page
    assert ("Add a channel" in page) == may
    status = 302 if may else 403
    assert client.post(TEAMS, {"address": HOOK}).status_code == status
    assert client.post("/teams/search/quiet/", {"time_zone": "UTC", "members_too": "on"}).status_code == status
    assert client.post(f"/channels/{of_team.pk}/", {"enabled": "on", "label": "x"}).status_code == status
    assert client.post(f"/channels/{of_team.pk}/test/").status_code == status
    assert client.post(f"/channels/{of_team.pk}/remove/").status_code == status
    assert Manner.objects.filter(team=team, members_too=True).exists() == may


def test_what_a_team_was_told_stands_there_for_its_members_alone(team: Team, mate: Person, as_admin: Client) -> None:
    make.channel(team)
    notifying.tell([team], kind="assigned", text="Something about Search", path="/", now=make.NOON)
    assert "Something about Search" in text_of(signed_in(mate), TEAMS)
    assert "Something about Search" not in text_of(as_admin, TEAMS)


def test_a_dissolved_team_is_told_nothing_more(team: Team, as_editor: Client) -> None:
    Team.objects.filter(pk=team.pk).update(dissolved_at=make.NOON)
    assert as_editor.post(TEAMS, {"address": HOOK}).status_code == 404
    assert "Add a channel" not in text_of(as_editor, TEAMS)


def test_quiet_hours_are_set_and_mistakes_named(mate: Person) -> None:
    client = signed_in(mate)
    hours = {"time_zone": "Europe/Berlin", "quiet_from": "22:00", "quiet_until": "07:00", "quiet_days": ["0", "4"]}
    assert client.post("/people/me/quiet/", hours).status_code == 302
    manner = Manner.objects.get(person=mate)
    assert (manner.quiet_from, manner.quiet_until, manner.quiet_days) == (time(22), time(7), [0, 4])
    assert 'value="22:00"' in text_of(client, OWN)
    for wrong, words in (
        ({"quiet_until": ""}, "Give both times"),
        ({"quiet_until": "22:00"}, "for a whole day"),
        ({"quiet_days": []}, "Tick the days"),
        ({"whole_days": list("0123456")}, "at least one day"),
        ({"time_zone": "Mars/Olympus"}, "valid choice"),
    ):
        answer = client.post("/people/me/quiet/", hours | wrong)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), wrong
    assert client.get("/people/me/quiet/")["Location"] == OWN


def test_it_says_until_when_it_is_quiet(mate: Person) -> None:
    Manner.objects.create(person=mate, time_zone="UTC", whole_days=list(range(6)))
    Manner.objects.filter(person=mate).update(quiet_from=time(0), quiet_until=time(23, 59, 59), quiet_days=[6])
    assert "It is quiet until" in text_of(signed_in(mate), OWN)


def test_pages_cost_the_same_for_one_and_for_many(mate: Person, team: Team) -> None:
    client, costs = signed_in(mate), []
    for _ in range(2):
        for owner in (mate, team):
            make.channel(owner)
            make.channel(owner)
        costs.append([cost(client, url) for url in (OWN, TEAMS, "/people/me/")])
    assert costs[0] == costs[1]
