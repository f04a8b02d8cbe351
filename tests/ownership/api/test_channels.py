"""Channels and quiet hours over the API."""

from __future__ import annotations

import pytest

from ownership.models import Channel, Message, Person
from tests import factories as make
from tests.ownership.api.program import Api

pytestmark = pytest.mark.django_db

SECRET = "jsons://hooks.example.org/services/s3cr3t-part"


def test_a_channel_is_added_changed_tested_and_removed_and_its_address_never_told(editor: Person) -> None:
    api = Api(editor)
    made = api.done("POST", "/channels/", {"address": SECRET, "label": "Hook", "muted": ["given"]})
    assert (made["kind"], made["hint"], made["muted"]) == ("json", "hooks.example.org", ["given"])
    assert made["person"] == editor.email
    changed = api.done("PATCH", f"/channels/{made['id']}/", {"label": "Other", "enabled": False})
    assert (changed["label"], changed["enabled"], changed["muted"]) == ("Other", False, ["given"])
    assert api.refused("POST", f"/channels/{made['id']}/test/")[1] == "channel_off"
    api.done("PATCH", f"/channels/{made['id']}/", {"enabled": True})
    asked = api.send("POST", f"/channels/{made['id']}/test/")
    assert (asked.status_code, asked.json()["sent_at"]) == (202, None)
    assert Message.objects.get(channel=made["id"]).is_test
    assert "s3cr3t" not in str(api.get("/channels/"))
    assert api.send("DELETE", f"/channels/{made['id']}/").status_code == 204
    own = editor.channels.get()
    assert api.refused("DELETE", f"/channels/{own.pk}/")[1] == "own_mail_stays"


def test_one_sees_ones_own_and_those_of_teams_and_changes_ones_own_and_ones_teams() -> None:
    mate, stranger, admin = (make.person(role=role) for role in ("viewer", "viewer", "admin"))
    team = make.team("Answers", mate)
    of_team, of_mate = make.channel(team), make.channel(mate)
    for person, sees, status in ((mate, True, 200), (stranger, False, 403), (admin, False, 200)):
        api = Api(person)
        rows = {row["id"] for row in api.get("/channels/")["results"]}
        assert (of_mate.pk in rows) == sees
        assert of_team.pk in rows
        assert api.send("PATCH", f"/channels/{of_team.pk}/", {"label": "x"}).status_code == status
        assert api.send("PATCH", f"/channels/{of_mate.pk}/", {"label": "x"}).status_code == (200 if sees else 404)
        assert api.send("POST", "/channels/", {"address": SECRET, "team": team.slug}).status_code in {201, status}
        assert api.send("PUT", f"/channels/quiet/?team={team.slug}", {"time_zone": "UTC"}).status_code == status


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "syslog://", "dbus://", "json://127.0.0.1/", "http://x/", "x"]
)
def test_what_is_no_address_is_refused_by_field_and_not_repeated(editor: Person, address: str) -> None:
    answer = Api(editor).send("POST", "/channels/", {"address": address})
    assert answer.status_code == 422
    assert "address" in answer.json()["errors"]
    assert not Channel.objects.exclude(sealed="").exists()


def test_quiet_hours_are_read_and_written(editor: Person) -> None:
    api = Api(editor)
    assert api.get("/channels/quiet/")["time_zone"] == "UTC"
    said = {"time_zone": "Europe/Berlin", "quiet_from": "22:00:00", "quiet_until": "07:00:00", "quiet_days": [0, 1]}
    assert api.done("PUT", "/channels/quiet/", said)["whole_days"] == []
    assert api.get("/channels/quiet/")["quiet_days"] == [0, 1]
    for wrong, field in (
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "UTC", "quiet_from": "22:00"}, "quiet_until"),
        ({"time_zone": "UTC", "quiet_from": "22:00", "quiet_until": "22:00", "quiet_days": [1]}, "quiet_until"),
        ({"time_zone": "UTC", "quiet_from": "22:00", "quiet_until": "07:00"}, "quiet_days"),
        ({"time_zone": "UTC", "whole_days": list(range(7))}, "whole_days"),
    ):
        answer = api.send("PUT", "/channels/quiet/", wrong)
        assert (answer.status_code, field in answer.json()["errors"]) == (422, True), wrong
