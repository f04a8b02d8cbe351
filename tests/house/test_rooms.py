"""The rooms keep to themselves, also where import-linter cannot look: relations, accessors, addresses, words."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model
from django.db.models.fields.reverse_related import ForeignObjectRel

from incidents.alerts.sources import registry
from tests.house.sources import CODE, ROOT, WRITTEN, files, named, python

# Lowest first; each with the templates of its pages.
FLOORS = {
    "web": ["templates/web", "templates/ui", "templates/account", "templates/allauth"],
    "ownership": ["templates/ownership"],
    "incidents.response": ["templates/incidents"],
    "incidents.alerts": ["templates/alerts"],
    "incidents.postmortems": ["templates/postmortems"],
    "incidents.patterns": ["templates/patterns"],
}
HIGHER_NAMES = re.compile(r"""['"](?:incidents|alerts|postmortems|patterns):""")


_IMPORT = re.compile(r"^(?:from|import) .*$", re.MULTILINE)


def floor_of(model: type[Model]) -> str | None:
    """The room or wing that a model lives in, None for other people's models."""
    return next((floor for floor in FLOORS if model.__module__.startswith(f"{floor}.")), None)


def sources_of(floor: str) -> Iterator[Path]:
    """The Python and HTML of one room or wing."""
    yield from python([floor.replace(".", "/")])
    yield from files(FLOORS[floor], ".html")


def upward_accessors() -> list[tuple[str, str, str]]:
    """(accessor, floor that has it, higher floor that it leads to)."""
    floors = list(FLOORS)
    found = []
    for model in apps.get_models():
        own = floor_of(model)
        for relation in model._meta.get_fields(include_hidden=False):
            if own is None or not isinstance(relation, ForeignObjectRel) or not relation.get_accessor_name():
                continue
            other = floor_of(relation.related_model)
            if other is not None and floors.index(other) > floors.index(own):
                found.append((str(relation.get_accessor_name()), own, other))
    return found


def uses(path: Path, accessor: str) -> bool:
    """The accessor is read as an attribute, or named in a look-up or a prefetch."""
    text = path.read_text("utf-8")
    read = rf"\.{accessor}\b"
    asked = rf"""\b{accessor}__\w|(?:_related|filter|exclude|Q|F|Count|Prefetch)\(\s*['"]?{accessor}\b"""
    return bool(re.search(read if path.suffix == ".html" else f"{read}|{asked}", _IMPORT.sub("", text)))


def test_there_are_accessors_that_could_be_misused() -> None:
    assert ("alerts", "incidents.response", "incidents.alerts") in upward_accessors()


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("incident.alerts.all()", True),
        ('rows.prefetch_related("alerts")', True),
        ("rows.filter(alerts__isnull=True)", True),
        ('rows.annotate(n=Count("alerts"))', True),
        ("from incidents.alerts import models", False),
        ('how = "alerts"', False),
    ],
)
def test_the_eye_sees_accessors(tmp_path: Path, line: str, caught: bool) -> None:
    path = tmp_path / "code.py"
    path.write_text(line)
    assert uses(path, "alerts") is caught


def test_no_room_reads_a_higher_one_through_a_reverse_accessor() -> None:
    floors = list(FLOORS)
    misused = [
        f"{named(path)} reads .{accessor} of {other}"
        for accessor, _, other in upward_accessors()
        for floor in floors[: floors.index(other)]
        for path in sources_of(floor)
        if uses(path, accessor)
    ]
    assert misused == []


@pytest.mark.parametrize("floor", ["web", "ownership"])
def test_lower_rooms_have_no_relation_to_incidents(floor: str) -> None:
    related = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if floor_of(model) == floor
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model._meta.app_label == "incidents"
    ]
    assert related == []


@pytest.mark.parametrize("floor", ["web", "ownership"])
def test_lower_rooms_name_no_address_of_incidents(floor: str) -> None:
    assert [named(path) for path in sources_of(floor) if HIGHER_NAMES.search(path.read_text("utf-8"))] == []


def test_shared_templates_name_no_address_of_a_room() -> None:
    shared = list((ROOT / "templates").glob("*.html"))
    assert shared
    assert [named(path) for path in shared if HIGHER_NAMES.search(path.read_text("utf-8"))] == []


def test_no_file_knows_this_machine() -> None:
    """Neither where the checkout lies nor where packages come from."""
    machine = re.compile(rf"{re.escape(str(ROOT))}\b|/(?:root|work|Users)/\w|/home/\w+/\w|pythonhosted\.org|pypi\.org")
    top = [path for path in ROOT.glob("[!.]*") if path.is_file()]
    told = [
        named(path)
        for path in (*top, *files([*CODE, *WRITTEN]))
        if path.suffix not in {".png", ".ico", ".pyc", ".woff2"}
        and path != Path(__file__).resolve()
        and machine.search(path.read_text("utf-8", errors="replace"))
    ]
    assert told == []


@pytest.mark.parametrize("kind", registry.KINDS)
def test_each_kind_of_source_has_its_adapter_payloads_and_page(kind: str) -> None:
    registered = registry.KINDS[kind]
    module = importlib.import_module(registered.module)
    assert registered.module == f"incidents.alerts.sources.{kind.replace('-', '_')}"
    assert all(callable(getattr(module, name)) for name in ("parse", "config_snippet", "sample"))
    assert list(files([f"tests/incidents/alerts/payloads/{kind}"])), "no payload to try it with"
    assert (ROOT / registered.docs).is_file()
    assert f"]({registered.docs})" in (ROOT / "README.md").read_text("utf-8"), "the README does not lead to its page"


def test_every_page_and_payload_folder_is_of_a_kind() -> None:
    assert {path.stem for path in files(["docs/sources"], ".md")} == set(registry.KINDS)
    payloads = ROOT / "tests/incidents/alerts/payloads"
    assert {path.name for path in payloads.iterdir() if path.is_dir()} == set(registry.KINDS)


def test_every_mapping_file_is_of_a_kind() -> None:
    kinds = {kind.replace("-", "_") for kind in registry.KINDS}
    assert {path.stem for path in files(["incidents/alerts/sources/mappings"], ".toml")} <= kinds


def test_the_purity_of_adapters_is_held_for_all_of_them() -> None:
    """The contract names the package, so that a new file is in it from its first day."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (pure,) = (one for one in contracts if one["name"].startswith("4. Adapters"))
    assert "incidents.alerts.sources" in pure["source_modules"]
    assert {"django", "celery", "psycopg", "ownership", "web"} <= set(pure["forbidden_modules"])
    assert not pure.get("ignore_imports")


def test_every_adapter_is_registered() -> None:
    plumbing = {"__init__", "documents", "expressions", "handshake", "mapping", "reading", "registry", "signatures"}
    plumbing |= {"sns", "times"}
    parts = {"pagerduty_changes", "pagerduty_webhooks"}  # what an adapter reads beside its own format
    written = {path.stem for path in files(["incidents/alerts/sources"], ".py")} - plumbing - parts
    assert written == {kind.module.rpartition(".")[2] for kind in registry.KINDS.values()}
