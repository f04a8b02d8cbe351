"""Drift between files and what was agreed here, and what people make of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ownership import importing
from ownership.models import Assignment, Claim, Person, Service, Team
from ownership.queries import claims
from tests import factories as make
from tests.factories import NOON
from tests.ownership.importing.reading import entity

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(tmp_path: Path) -> Claim:
    """The files say that Search owns the service; here it is Other."""
    make.service("answers", owner=make.team("Other"))
    make.team("Search")
    (tmp_path / "x.yaml").write_text(entity("System", "answers", owner="search"))
    importing.run([tmp_path], by=None, now=NOON)
    return Claim.objects.get()


def drifting(**options: bool) -> list[tuple[str, list[str]]]:
    return [(row.claim.owner, [str(one) for one in row.holders]) for row in claims.drifting(at=NOON, **options).rows]


def owners_at(hours: int) -> list[str]:
    rows = Assignment.objects.filter(superseded_at=None, during__contains=NOON + timedelta(hours=hours))
    return [str(row.party) for row in rows]


def test_a_claim_that_differs_is_drift_until_it_is_accepted(claim: Claim, editor: Person) -> None:
    assert drifting() == [("search", ["Other"])]
    importing.accept(claim, by=editor, now=NOON)
    assert drifting() == []
    assert (owners_at(-1), owners_at(1)) == (["Other"], ["Search"])
    importing.accept(claim, by=editor, now=NOON)
    assert Assignment.objects.filter(superseded_at=None).count() == 2


def test_a_claim_for_what_nobody_answers_for_assigns(claim: Claim, editor: Person) -> None:
    Assignment.objects.all().delete()
    assert drifting() == [("search", [])]
    importing.accept(claim, by=editor, now=NOON)
    assert owners_at(0) == ["Search"]


def test_a_claim_that_agrees_is_no_drift(claim: Claim) -> None:
    Assignment.objects.update(team=Team.objects.get(name="Search"))
    assert drifting() == []


def test_an_ignored_claim_stays_ignored_through_the_next_import(claim: Claim, editor: Person, tmp_path: Path) -> None:
    importing.ignore(claim, by=editor, now=NOON)
    importing.run([tmp_path], by=None, now=NOON)
    assert drifting() == []
    assert owners_at(0) == ["Other"]
    assert Claim.objects.get().state == "ignored"


def test_an_accepted_claim_drifts_again_when_somebody_else_takes_over(claim: Claim, editor: Person) -> None:
    importing.accept(claim, by=editor, now=NOON)
    Assignment.objects.filter(superseded_at=None).update(team=make.team("Third"))
    assert [owner for owner, _ in drifting()] == ["search"]


def test_nobody_known_or_nothing_here_cannot_be_accepted(claim: Claim, editor: Person) -> None:
    Claim.objects.update(team=None)
    assert (drifting(), drifting(unresolved=True)) == ([], [("search", ["Other"])])
    with pytest.raises(importing.NothingToAccept, match="Nobody here"):
        importing.accept(claim, by=editor, now=NOON)
    Claim.objects.update(service=None)
    assert drifting(unresolved=True) == []
    with pytest.raises(importing.NothingToAccept, match="no service or component"):
        importing.accept(claim, by=editor, now=NOON)


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_drift_takes_two_queries(tmp_path: Path, count: int) -> None:
    documents = [entity("System", f"s{number}", owner="search") for number in range(count)]
    (tmp_path / "x.yaml").write_text("---\n".join([*documents, entity("Group", "search")]))
    importing.run([tmp_path], by=None, now=NOON)
    with CaptureQueriesContext(connection) as queries:
        rows = claims.drifting(at=NOON).rows
        assert [str(row.party) for row in rows] == ["search"] * count
        assert all(row.can_be_accepted for row in rows)
    assert (len(queries), Service.objects.count()) == (2, count)
