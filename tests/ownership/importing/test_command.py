"""`manage.py import_catalogue`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ownership.models import Claim, Component, Dependency, Service, Team
from tests.ownership.importing.reading import entity

pytestmark = pytest.mark.django_db


def told(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_catalogue", *map(str, arguments), stdout=out)
    return out.getvalue()


def report(*arguments: object) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(told("--json", *arguments))
    return read


def test_the_public_shape_of_the_report(tmp_path: Path) -> None:
    documents = [entity(owner="nobody"), entity("Template"), entity(), ""]
    (tmp_path / "catalog-info.yaml").write_text("---\n".join(documents))
    read = report(tmp_path)
    file = str(tmp_path / "catalog-info.yaml")
    assert read["files"] == 1
    assert read["entities"] == {"Component": 2, "Template": 1}
    assert (read["unique"], read["claims"], read["owners"]) == (2, 1, 1)
    assert read["duplicates"] == [
        {"key": "component:default/retriever", "places": [{"file": file, "line": 1}, {"file": file, "line": 16}]}
    ]
    assert [(one["line"], one["reason"]) for one in read["skipped"]] == [
        (9, "not_a_system_part"),
        (22, "empty_document"),
    ]
    assert read["unresolved"] == [
        {
            "file": file,
            "line": 7,
            "subject": "component:default/retriever",
            "owner": "nobody",
            "reason": "unknown_party",
        }
    ]
    assert read["problems"] == []
    assert read["created"] == {"claims": 1, "components": 1}


def test_problems_say_where_what_and_how(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(entity(name="two words"))
    (problem,) = report(tmp_path / "x.yaml")["problems"]
    assert (problem["file"], problem["line"], problem["code"], problem["severity"]) == (
        str(tmp_path / "x.yaml"),
        4,
        "invalid_name",
        "error",
    )
    assert "use 1–63 letters" in problem["message"]


def test_people_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(entity(owner="nobody") + "---\n" + entity(name="two words"))
    text = told("--dry-run", tmp_path)
    assert "1 files: 2 Component" in text
    assert "nobody for component:default/retriever" in text
    assert "(invalid_name)" in text
    assert "would be new: 1 claims, 1 components" in text
    assert Component.objects.count() == 0


def test_a_refused_import_and_a_missing_path_end_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(entity() + "---\n" + entity(name="two words"))
    with pytest.raises(CommandError, match="Nothing was imported"):
        told("--all-or-nothing", tmp_path)
    with pytest.raises(CommandError, match="gone"):
        told(tmp_path / "gone")
    assert Component.objects.count() == 0


def test_bombs_and_binaries_end_in_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "bomb.yaml").write_text(
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"b{n}: &b{n} [{', '.join(['*a' if n == 0 else f'*b{n - 1}'] * 10)}]\n" for n in range(9))
    )
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "fine.yaml").write_text(entity())
    read = report(tmp_path)
    assert [(Path(one["file"]).name, one["code"]) for one in read["problems"]] == [
        ("binary.yaml", "binary"),
        ("bomb.yaml", "yaml_too_large"),
    ]
    assert read["created"] == {"components": 1}


@pytest.mark.parametrize(
    ("name", "rows", "unresolved"),
    [
        # components, services, teams
        ("benwilcock__backstage-catalogs", (406, 91, 26), {"user:bwilcock", "group:default/rhdh-team"}),
        ("giantswarm__backstage-catalogs", (84, 0, 12), None),
        ("backstage__backstage", (6, 0, 2), set()),
        ("backstage__demo", (9, 0, 0), {"backstage/maintainers"}),
        ("redhat-ai-dev__model-catalog-example", (9, 0, 0), {"user:exampleuser"}),
    ],
)
def test_whole_catalogues_twice(
    shared: Path, name: str, rows: tuple[int, int, int], unresolved: set[str] | None
) -> None:
    arguments = (shared / "catalogs" / name,)
    first = report(*arguments)
    assert (Component.objects.count(), Service.objects.count(), Team.objects.count()) == rows
    assert unresolved is None or {one["owner"] for one in first["unresolved"]} == unresolved
    again = report(*arguments)
    assert (again["created"], again["added"], again["claim_changes"]) == ({}, {}, [])
    assert again["nothing_to_do"]
    assert again["claims_again"] == first["created"]["claims"]
    same = first.keys() - {"created", "added", "claim_changes", "claims_again", "nothing_to_do"}
    assert {key: again[key] for key in same} == {key: first[key] for key in same}


def test_the_largest_catalogue_leaves_six_owners_open(shared: Path) -> None:
    read = report(shared / "catalogs" / "benwilcock__backstage-catalogs")
    assert (sum(read["entities"].values()), read["unique"], len(read["duplicates"])) == (564, 559, 5)
    assert len(read["unresolved"]) == 6
    assert Claim.objects.exclude(team=None).filter(owner__in=["group:cncf", "group:CNCF"]).count() == 11
    assert Dependency.objects.count() > 150


def test_rules_of_code_owners_are_counted_too(shared: Path) -> None:
    read = report(shared / "catalogs" / "MetaMask__core")
    assert (read["entities"], read["unique"], len(read["duplicates"]), read["owners"]) == ({"rule": 314}, 313, 1, 22)


def test_a_second_import_of_many_costs_few_queries(shared: Path) -> None:
    folder = shared / "catalogs" / "benwilcock__backstage-catalogs"
    report(folder)
    with CaptureQueriesContext(connection) as queries:
        report(folder)
    assert len(queries) < 30
