"""Files, functions and templates stay small enough to be read at once; no drawer for odds and ends."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.sources import CODE, files, lines, named, python, templates

FILE, FUNCTION, TEMPLATE = 350, 50, 120
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc"}


def _functions(path: Path) -> list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


def test_there_is_something_to_measure() -> None:
    assert len(list(python())) > 100
    assert len(templates()) > 50


def test_no_python_file_is_too_long() -> None:
    assert {named(path): lines(path) for path in python() if lines(path) > FILE} == {}


def test_no_stylesheet_or_script_is_too_long() -> None:
    assert {named(path): lines(path) for path in files(["static"], ".css", ".js") if lines(path) > FILE} == {}


def test_no_template_is_too_long() -> None:
    assert {named(path): lines(path) for path in templates() if lines(path) > TEMPLATE} == {}


@pytest.mark.parametrize("folder", [*CODE, "tests"])
def test_no_function_is_too_long(folder: str) -> None:
    long = {
        f"{named(path)}: {function.name}": length
        for path in python([folder])
        for function, length in _functions(path)
        if length > FUNCTION
    }
    assert long == {}


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert [named(path) for path in files(CODE) if path.stem in DRAWERS or path.parent.name in DRAWERS] == []
