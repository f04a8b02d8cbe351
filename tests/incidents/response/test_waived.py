"""An incident of a service that is unowned on purpose says so, and still has nobody."""

from __future__ import annotations

import pytest
from django.test import Client

from ownership import waiving
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def test_the_reason_stands_where_the_owner_would() -> None:
    editor, service = make.person(role="editor"), make.service("Old bot")
    incident = make.incident(service=service)
    client = Client()
    client.force_login(editor)
    assert "Deliberately unowned" not in client.get(f"/incidents/{incident.pk}/").content.decode()
    waiving.waive(service, reason="Ends in March.", by=editor, now=NOON)
    page = client.get(f"/incidents/{incident.pk}/").content.decode()
    assert "Ends in March." in page
    assert "nobody answers" in page
