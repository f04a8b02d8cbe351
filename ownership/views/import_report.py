"""The report of an import as a page shows it: numbers on top, then lists of which only the first rows are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ownership.queries.claims import WHY

SHOWN = 50
_ADDED = {
    "services": ("service", "services"),
    "components": ("component", "components"),
    "teams": ("team", "teams"),
    "seams": ("seam", "seams"),
    "parts": ("place in a service", "places in services"),
    "aliases": ("alias", "aliases"),
}
_ELSEWHERE = (
    "A file of this name said so before and no longer does. Do these files come from somewhere else? Then upload them "
    "again under another name."
)
_CHANGES = {
    "new": ("New claims", "Nobody has decided about them; they wait on the page What files say."),
    "back": ("Claims that are back", "The files had stopped saying so, and say it again."),
    "changed": ("Claims read differently", "The same claim, read differently now."),
    "vanished": ("Claims gone from the files", _ELSEWHERE),
}
_COUNTED = {
    "new": ("new claim", "new claims"),
    "back": ("claim back", "claims back"),
    "changed": ("claim read differently", "claims read differently"),
    "vanished": ("claim gone", "claims gone"),
}
_REASONS = {
    "empty_document": "an empty document",
    "not_an_entity": "no kind, so it is no entity",
    "not_a_system_part": "a template describes no part of a system",
    "foreign_kind": "a kind of another tool",
    "retired_here": "retired here; it stays so",
    "clears_ownership": "a rule without owners",
    "excluded": "an exclusion",
    "link": "a link; the files that it leads to are not read",
    **WHY,
}


@dataclass(frozen=True)
class Total:
    """A number of the report and what it counts."""

    number: int
    word: str
    loud: bool = False


@dataclass(frozen=True)
class Line:
    """One row of a list: what, where it stands, and a remark."""

    what: str
    where: str = ""
    remark: str = ""
    bad: bool = False


@dataclass(frozen=True)
class Section:
    """One list of the report, cut; `more` are left to the whole report."""

    title: str
    count: int
    lines: Sequence[Line]
    intro: str = ""
    is_open: bool = False

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.lines)


def totals(report: Mapping[str, Any]) -> list[Total]:
    """What stands on top."""
    changes = [one["what"] for one in report["claim_changes"]]
    bad = sum(one["severity"] == "error" for one in report["problems"])
    found = [
        *(_total(report["created"].get(sort, 0), *(f"new {word}" for word in words)) for sort, words in _ADDED.items()),
        *(_total(changes.count(what), *words) for what, words in _COUNTED.items()),
        _total(report["claims_again"], "claim as before", "claims as before"),
        _total(len(report["skipped"]), "skipped", "skipped"),
        _total(bad, "error", "errors", loud=True),
        _total(len(report["problems"]) - bad, "warning", "warnings"),
        _total(len(report["unresolved"]), "owner nobody knows", "owners nobody knows"),
    ]
    return [one for one in found if one.number]


def _total(number: int, one: str, many: str, *, loud: bool = False) -> Total:
    return Total(number, one if number == 1 else many, loud)


def sections(report: Mapping[str, Any]) -> list[Section]:
    """Every list of the report that holds something, what needs attention first."""
    problems = sorted(report["problems"], key=lambda one: one["severity"])
    bad = [one for one in problems if one["severity"] == "error"]
    mild = [one for one in problems if one["severity"] != "error"]
    found = [
        _section("Errors", [_problem(one) for one in bad], "Each costs its document or row, nothing else.", True),
        *_changes(report, "vanished", "changed", "back"),
        _section("Owners nobody knows", [_owner(one) for one in report["unresolved"]],
                 "They are kept and fall to nobody. Say whom they mean on the page What files say.", True),
        *_changes(report, "new"),
        *_added(report),
        _section("Owners without an account", [_owner(one) for one in report["without_account"]],
                 "Invite them, then import again."),
        _section("Warnings", [_problem(one) for one in mild], "Worth a look; nothing is left out because of them."),
        _section("Skipped", [_skipped(one) for one in report["skipped"]], "Read, and not used."),
        _section("Described twice", [_twice(one) for one in report["duplicates"]], "The first description counts."),
    ]  # fmt: skip
    return [one for one in found if one.count]


def _section(title: str, lines: Sequence[Line], intro: str = "", is_open: bool = False) -> Section:
    return Section(title, len(lines), lines[:SHOWN], intro, is_open)


def _added(report: Mapping[str, Any]) -> list[Section]:
    return [
        _section(f"New {words[1]}", [Line(name) for name in report["added"].get(sort, [])])
        for sort, words in _ADDED.items()
    ]


def _changes(report: Mapping[str, Any], *wanted: str) -> list[Section]:
    def line(one: Mapping[str, Any]) -> Line:
        remark = _REASONS.get(one["detail"], one["detail"])
        return Line(f"{one['owner']}, {one['role']} for {one['subject']}", _where(one), remark)

    return [
        _section(
            _CHANGES[what][0],
            [line(one) for one in report["claim_changes"] if one["what"] == what],
            _CHANGES[what][1],
            what != "new",
        )
        for what in wanted
    ]


def _problem(one: Mapping[str, Any]) -> Line:
    return Line(one["message"], _where(one), one["code"], one["severity"] == "error")


def _owner(one: Mapping[str, Any]) -> Line:
    return Line(f"{one['owner'] or 'no owner'} for {one['subject']}", _where(one), _reason(one["reason"]))


def _skipped(one: Mapping[str, Any]) -> Line:
    return Line(one["what"] or "a document", _where(one), _reason(one["reason"]))


def _twice(one: Mapping[str, Any]) -> Line:
    return Line(one["key"], " and ".join(_where(place) for place in one["places"]))


def _reason(code: str) -> str:
    return _REASONS.get(code, code.replace("_", " "))


def _where(one: Mapping[str, Any]) -> str:
    return f"{one['file']}:{one['line']}"
