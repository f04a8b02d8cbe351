"""`manage.py import_incidents`: line by line what is wrong, and an exit status that a script can ask."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.history import examples
from incidents.history.models import HistoryRow
from incidents.history.reading import mapping
from incidents.response.models import Finding, Incident
from ownership.models import Person
from tests import factories as make

pytestmark = pytest.mark.django_db

MAPPING = """
collection: old tool
identity: [id]
fields: {title: title, severity: level, detected_at: began, resolved_at: ended}
service: {from: service, unknown: create}
skip: [{when: "kind == 'planned'", reason: planned work}]
"""
GOOD = "1,Slow,sev2,2026-03-01T09:00Z,2026-03-01T10:00Z,Chat,\n"
BAD = "2,Wrong,bad,2026-03-02T09:00Z,,Chat,\n"
HEAD = "id,title,level,began,ended,service,kind\n"


@pytest.fixture
def admin() -> Person:
    return make.person("Ada", role="admin")


def bring(folder: Path, rows: str, *options: str, told: str = MAPPING, name: str = "past.csv") -> str:
    (folder / name).write_text(HEAD + rows)
    (folder / "map.yaml").write_text(told)
    out = StringIO()
    call_command("import_incidents", str(folder / name), "--mapping", str(folder / "map.yaml"), *options, stdout=out)
    return out.getvalue()


def test_what_came_of_it_is_told(admin: Person, tmp_path: Path) -> None:
    said = bring(tmp_path, GOOD + "3,Plan,sev2,2026-03-01T09:00Z,,Chat,planned\n")
    assert said == (
        "past.csv: 2 rows of old tool\n"
        "skipped 1: planned work\n"
        "new services: Chat\n"
        "new: 1 incidents; changed: 0; as before: 0\n"
    )
    assert HistoryRow.objects.get().by == admin
    assert "new: 0 incidents; changed: 0; as before: 1" in bring(tmp_path, GOOD)


def test_a_change_and_a_conflict_are_told_with_their_line(admin: Person, tmp_path: Path) -> None:
    bring(tmp_path, GOOD)
    incident = Incident.objects.get()
    said = bring(tmp_path, GOOD.replace("Slow", "Slower"), "--dry-run")
    assert f"change past.csv:2: {incident.ref} title: Slow → Slower\nwould be new: 0 incidents; changed: 1" in said
    Incident.objects.update(title="Very slow")
    said = bring(tmp_path, GOOD.replace("Slow", "Slower"))
    assert f"conflict past.csv:2: {incident.ref} title: the file: Slow → Slower; here: Very slow; left as it is" in said


def test_a_bad_row_refuses_the_file_unless_the_good_ones_are_asked_for(admin: Person, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 errors") as caught:
        bring(tmp_path, GOOD + BAD)
    assert (caught.value.returncode, Incident.objects.count()) == (1, 0)
    said = bring(tmp_path, GOOD + BAD, "--good-rows")
    assert "error past.csv:3: 'bad' is not known; use `values`" in said
    assert Incident.objects.count() == 1


def test_what_cannot_be_read_has_a_status_of_its_own(admin: Person, tmp_path: Path) -> None:
    def status(*args: str, **named: str) -> int:
        with pytest.raises(CommandError) as caught:
            bring(tmp_path, *args, **named)
        return int(caught.value.returncode)

    assert status(GOOD, told="collection: [") == 2
    assert status(GOOD, name="past.txt") == 2
    assert status(GOOD, "--by", "nobody@example.org") == 2
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_incidents", str(tmp_path / "none.csv"), "--mapping", str(tmp_path / "map.yaml"))


def test_who_says_so_is_named(admin: Person, tmp_path: Path) -> None:
    maya = make.person("Maya")
    bring(tmp_path, GOOD, "--by", maya.email.upper())
    assert HistoryRow.objects.get().by == maya


def test_the_report_as_json(admin: Person, tmp_path: Path) -> None:
    report = json.loads(bring(tmp_path, GOOD + BAD, "--good-rows", "--json"))
    assert (report["new"], report["updated"], report["unchanged"]) == (1, 0, 0)
    assert report["added"][0]["incident"] == Incident.objects.get().pk
    assert [(one["line"], one["code"]) for one in report["problems"]] == [(3, "unknown_word")]


def test_every_shipped_mapping_can_be_read_and_says_what_it_reads() -> None:
    shipped = examples.every()
    assert [one.name for one in shipped] == ["github-status", "llm-providers"]
    for one in shipped:
        assert mapping.load(one.text).collection == one.name
        assert one.title.endswith(".")


def test_the_worked_example_of_the_docs_gives_what_it_says(admin: Person, tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "history-import.md").read_text()
    told = page.partition("```yaml\n")[2].partition("```")[0]
    left_out = ("format: csv", "rows:", "affected:", "actions:", "  - {each: tasks")
    told = "\n".join(line for line in told.splitlines() if not line.startswith(left_out))
    _, rows, _, report, *_ = page.partition("## A worked example")[2].split("```")
    (tmp_path / "past.csv").write_text(rows.strip() + "\n")
    (tmp_path / "map.yaml").write_text(told)
    out = StringIO()
    call_command("import_incidents", str(tmp_path / "past.csv"), "--mapping", str(tmp_path / "map.yaml"), stdout=out)
    assert out.getvalue().strip() == report.strip()
    assert Finding.objects.get().mode_id == "data.schema_drift"
