"""What a file no longer says, and what owners mean here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ownership import importing, teams
from ownership.importing.report import Report
from ownership.models import Claim, OwnerAlias, Person, Team
from ownership.queries import claims
from ownership.queries.claims import Wanted
from tests import factories as make
from tests.factories import NOON
from tests.ownership.importing.reading import entity

pytestmark = pytest.mark.django_db

FIRST, SECOND = entity("System", "answers", owner="search"), entity("System", "answers", owner="ranking")


def run(folder: Path, text: str, *, name: str = "x.yaml", days: int = 0, **options: bool) -> Report:
    (folder / name).write_text(text)
    return importing.run([folder / name], by=None, now=NOON + timedelta(days=days), **options)


def states() -> dict[str, bool]:
    """Owner → gone."""
    return {one.owner: one.vanished_at is not None for one in Claim.objects.all()}


def told(report: Report) -> list[tuple[str, str]]:
    return [(one.what, one.owner) for one in report.changes]


def shown(show: str) -> list[str]:
    return [row.claim.owner for row in claims.drifting(at=NOON, wanted=Wanted(show=show)).rows]


def test_a_claim_that_its_file_no_longer_makes_is_kept_as_gone_and_comes_back(tmp_path: Path) -> None:
    make.team("Search")
    assert told(run(tmp_path, FIRST)) == [("new", "search")]
    assert told(run(tmp_path, SECOND, days=1)) == [("new", "ranking"), ("vanished", "search")]
    assert states() == {"search": True, "ranking": False}
    assert (shown("drift"), shown("unknown"), shown("vanished")) == ([], ["ranking"], ["search"])
    assert run(tmp_path, SECOND, days=2).nothing_to_do
    assert told(run(tmp_path, FIRST, days=3)) == [("back", "search"), ("vanished", "ranking")]
    assert states() == {"search": False, "ranking": True}
    assert shown("drift") == ["search"]


def test_a_dry_run_tells_it_and_keeps_it(tmp_path: Path) -> None:
    run(tmp_path, FIRST)
    assert ("vanished", "search") in told(run(tmp_path, SECOND, dry_run=True))
    assert states() == {"search": False}


@pytest.mark.parametrize("text", ["kind: [", SECOND + "---\n" + entity(name="two words"), "\0"])
def test_a_file_with_an_error_proves_nothing(tmp_path: Path, text: str) -> None:
    run(tmp_path, FIRST)
    run(tmp_path, text, days=1)
    assert states()["search"] is False


def test_other_files_prove_nothing_either(tmp_path: Path) -> None:
    run(tmp_path, FIRST)
    run(tmp_path, SECOND, name="y.yaml")
    assert states() == {"search": False, "ranking": False}


def test_what_is_gone_cannot_be_accepted_but_ignored(tmp_path: Path, editor: Person) -> None:
    make.team("Search")
    run(tmp_path, FIRST)
    run(tmp_path, SECOND)
    gone = Claim.objects.get(owner="search")
    with pytest.raises(importing.NothingToAccept, match="no longer says"):
        importing.accept(gone, by=editor, now=NOON)
    importing.ignore(gone, by=editor, now=NOON)
    assert shown("vanished") == []
    decided = Claim.objects.get(owner="search")
    assert (decided.decided_by, decided.decided_at) == (editor, NOON)
    importing.reconsider(gone, by=editor, now=NOON)
    assert (shown("vanished"), Claim.objects.get(owner="search").decided_by) == (["search"], None)


def test_what_an_owner_means_is_said_once_for_all_claims_now_and_later(tmp_path: Path, editor: Person) -> None:
    ranking = make.team("Ranking crew")
    run(tmp_path, entity("System", "a", owner="Group:Ranking"))
    run(tmp_path, entity("System", "b", owner="group:ranking"), name="y.yaml")
    assert [(row.text, row.claims) for row in claims.unknown_owners().rows] == [
        ("Group:Ranking", 1),
        ("group:ranking", 1),
    ]
    assert importing.mean(["group:ranking"], party=ranking, by=editor, now=NOON) == 2
    assert set(Claim.objects.values_list("team", "unresolved")) == {(ranking.pk, "")}
    assert claims.unknown_owners().rows == []
    run(tmp_path, entity("System", "c", owner="group:ranking"), name="z.yaml")
    assert Claim.objects.filter(team=ranking).count() == 3
    assert run(tmp_path, entity("System", "a", owner="Group:Ranking")).nothing_to_do
    with pytest.raises(importing.AlreadyMeans):
        importing.mean(["GROUP:ranking"], party=editor, by=editor, now=NOON)
    importing.forget(OwnerAlias.objects.get(), by=editor, now=NOON)
    assert Claim.objects.filter(team=None, unresolved="unknown_party").count() == 3


def test_several_texts_mean_one_party_or_none_of_them_does(tmp_path: Path, editor: Person) -> None:
    run(tmp_path, FIRST + "---\n" + entity("System", "b", owner="ranking"))
    with pytest.raises(importing.CannotRead.__mro__[1], match="No file names"):
        importing.mean(["search", "never said"], party=editor, by=editor, now=NOON)
    assert OwnerAlias.objects.count() == 0
    assert importing.mean(["search", "ranking"], party=editor, by=editor, now=NOON) == 2


def test_a_team_that_is_gone_is_meant_no_longer(tmp_path: Path, editor: Person) -> None:
    team = teams.create(name="Search", by=editor, now=NOON)
    run(tmp_path, FIRST)
    assert Claim.objects.get().team == team
    Team.objects.update(dissolved_at=NOON)
    with pytest.raises(importing.NothingToAccept, match="no longer here"):
        importing.accept(Claim.objects.get(), by=editor, now=NOON)
    run(tmp_path, FIRST, days=1)
    assert (Claim.objects.get().team, Claim.objects.get().unresolved) == (None, "unknown_party")


def test_a_custodian_named_on_the_components_own_page_is_no_drift(tmp_path: Path, editor: Person) -> None:
    component = make.component("Ranker", custodian=make.team("Search"))
    run(tmp_path, "name,kind,custodian\nRanker,model,Search\n", name="t.csv")
    assert Claim.objects.get().component == component
    assert shown("drift") == []
    importing.accept(Claim.objects.get(), by=editor, now=NOON)
    assert component.assignments.count() == 0
