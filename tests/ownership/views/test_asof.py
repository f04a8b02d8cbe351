"""The picture of who was accountable over time, as the page draws it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories as make

pytestmark = pytest.mark.django_db


def drawn(client: Client, slug: str) -> str:
    return client.get(f"/services/{slug}/as-of/").content.decode()


def test_a_short_time_is_read_by_the_hour_and_the_zone_is_named(as_editor: Client) -> None:
    now = timezone.now()
    service = make.service("Answers")
    type(service).objects.update(created_at=now - timedelta(hours=9))
    make.assignment(service, make.person("Ada"), since=now - timedelta(hours=9), known_from=now - timedelta(hours=9))
    as_editor.cookies["tz"] = "Europe/Berlin"
    page = drawn(as_editor, "answers")
    assert f"{now.year}</text>" not in page
    assert "Times are in Europe/Berlin." in page
    assert "somebody else in turn" not in page


def test_a_long_time_is_read_by_the_day_and_the_key_names_both_tones(as_editor: Client) -> None:
    now = timezone.now()
    service = make.service("Answers")
    turn = now - timedelta(days=20)
    make.assignment(service, make.person("Ada"), since=now - timedelta(days=60), until=turn)
    make.assignment(service, make.person("Mia"), since=turn)
    page = drawn(as_editor, "answers")
    assert f"{now.year}</text>" in page
    assert "somebody else in turn" in page
