"""docs/api.md names every address of the API, and none that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

API = "api/v1/"
DOC = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BESIDE = {"schema/", "docs/"}  # named above the table
Call = tuple[str, str]


def calls() -> set[Call]:
    """(method, address) of all there is, such as ("POST", "incidents/{}/resolve/")."""
    return set(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, before: str) -> Iterator[Call]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route)
        elif isinstance(entry, URLPattern) and route.startswith(API) and "format" not in route:
            path = re.sub(r"\(\?P<\w+>[^()]*\)", "{}", route.removeprefix(API))
            methods = getattr(entry.callback, "actions", None) or ["get"]
            yield from ((method.upper(), path) for method in methods if method != "head")  # added by a first request


def told() -> set[Call]:
    """The same of the first column of the page's table; `undone/` after `POST actions/{id}/done/` is its neighbour."""
    found = set()
    for line in DOC.read_text().splitlines():
        method, path = "", ""
        first = line.split(" | ")[0] if re.match(r"\| `[A-Z]+ ", line) else ""
        for said in re.findall(r"`([^`]*/[^`]*)`", first):
            if " " in said:
                method, path = said.split(" ", 1)
            else:
                path = re.sub(r"[^/]+/$", said, path)
            path = re.sub(r"\{\w+\}", "{}", path.partition("?")[0])
            found.add((method, path))
    return found


def resources() -> set[str]:
    """The names under the heading Resources."""
    (line,) = re.findall(r"^## Resources\n\n`([^`]+)`$", DOC.read_text(), re.MULTILINE)
    return {f"{name}/" for name in line.split()}


def test_each_act_is_told_and_what_is_told_is_there() -> None:
    there = calls()
    lists = {path for _, path in there if re.fullmatch(r"[a-z-]+/", path)}
    rows = {f"{path}{{}}/" for path in lists}
    assert len(there) > 100
    assert told() - there == set()
    assert {call for call in there if call[1] not in lists | rows | resources()} - told() == set()


def test_each_list_is_told_and_what_is_told_is_there() -> None:
    first = {path for _, path in calls() if "{" not in path} - BESIDE
    assert resources() - first - {"catalogue/"} == set()
    assert {path for path in first if not any(path.startswith(name) for name in resources())} == set()
