"""The page of a long review costs as many queries as that of a short one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.postmortems.models import Postmortem
from incidents.response import noting
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db


def cost(client: Client, postmortem: Postmortem) -> int:
    """How many queries its page takes."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(f"/postmortems/{postmortem.incident_id}/")
    assert answer.status_code == 200
    return len(asked)


def grow(postmortem: Postmortem, *, findings: int, rows: int, revisions: int) -> None:
    """So many findings, each with an action; timeline rows; revisions of one section."""
    incident = postmortem.incident
    for number in range(findings):
        found = review.finding(postmortem, evidence=f"trace {number}")
        review.action(postmortem, f"Cap {number}", finding_line=found.line)
    for number in range(rows):
        noting.note(incident, text=f"Seen {number}", by=postmortem.author, now=NOON)
    for number in range(revisions):
        review.write(postmortem, "surprised", f"We believed {number} things.")


def test_thirty_findings_two_hundred_rows_and_forty_revisions_cost_no_more() -> None:
    by = make.person(role="editor")
    client = Client()
    client.force_login(by)
    short, long = (review.draft(by=by, service=make.service(owner=by)) for _ in range(2))
    grow(short, findings=2, rows=70, revisions=2)  # more rows than the page shows
    grow(long, findings=30, rows=200, revisions=40)
    cost(client, short)  # what is read once for the session
    assert cost(client, long) == cost(client, short)
