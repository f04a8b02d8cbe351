"""The personas of the ownership room, and browsers in which they are signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ownership.models import Person
from tests import factories as make

PersonaClient = Callable[[str], Client]
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/services/support-answers/"}


def signed_in(person: Person) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(person)
    return client


def cost(client: Client, url: str) -> int:
    """How many queries a page takes, the rail of all rooms included."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def text_of(client: Client, url: str) -> str:
    """A page as it came."""
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def editor(db: None) -> Person:
    return make.person("Edith Editor", role="editor")


@pytest.fixture
def admin(db: None) -> Person:
    return make.person("Ada Admin", role="admin")


@pytest.fixture
def as_editor(editor: Person) -> Client:
    return signed_in(editor)


@pytest.fixture
def as_admin(admin: Person) -> Client:
    return signed_in(admin)
