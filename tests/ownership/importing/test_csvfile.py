"""A catalogue kept as a table."""

from __future__ import annotations

import pytest

from ownership.importing import csvfile
from ownership.importing.records import Ref

TABLE = """kind,name,description,owner,service,depends_on
service,Support answers,"Right answers,
at once",Search team,,
retrieval-index,Index,,ann@example.org,Support answers,Ranker | Cache
model,Ranker,,user:csv/ann,,
"""


def test_rows_become_services_and_components_with_claims() -> None:
    reading = csvfile.parse(TABLE, file="x.csv")
    service, index, _ = reading.entities
    assert (service.ref, service.description, service.line) == (
        Ref("system", "csv", "support answers"),
        "Right answers,\nat once",
        2,
    )
    assert (index.kind, index.line) == ("retrieval_index", 4)
    assert [(one.field, str(one.target)) for one in index.relations] == [
        ("system", "system:csv/support answers"),
        ("dependsOn", "component:csv/ranker"),
        ("dependsOn", "component:csv/cache"),
    ]
    assert [(one.owner, str(one.party) if one.party else None) for one in reading.claims] == [
        ("Search team", "group:csv/search team"),
        ("ann@example.org", None),
        ("user:csv/ann", "user:csv/ann"),
    ]
    assert reading.problems == ()


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_mark_between_cells_is_found(mark: str) -> None:
    reading = csvfile.parse(f"Name{mark}Depends On\nIndex{mark}Cache\n", file="x.csv")
    assert [one.name for one in reading.entities] == ["Index"]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "no_header", 1),
        ("title,owner\nx,y\n", "no_header", 1),
        ("name,colour\nx,red\n", "unknown_column", 1),
        ("name,kind\nx,api\n,api\n", "no_name", 3),
        ("name,kind\nx,spaceship\n", "unknown_kind", 2),
        (f"name\n{'x' * 121}\n", "invalid_name", 2),
        ('name\n"x\n', "bad_csv", 1),
        ("name\n" + "x" * 200_000, "bad_csv", 1),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, code: str, line: int) -> None:
    assert [(one.code, one.line) for one in csvfile.parse(text, file="x.csv").problems] == [(code, line)]


@pytest.mark.parametrize("owner", ["a:b:c", "group:", "x" * 500, ":", "a/b/c", "user:ann smith"])
def test_an_owner_of_any_shape_is_kept_as_written(owner: str) -> None:
    (claim,) = csvfile.parse(f"name,owner\nx,{owner}\n", file="x.csv").claims
    assert claim.owner == owner
