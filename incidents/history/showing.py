"""The report of an import as a page shows it: numbers on top, then lists of which only the first rows are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incidents.history.comparing import words

SHOWN = 50
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Total:
    """A number of the report and what it counts."""

    number: int
    word: str
    loud: bool = False


@dataclass(frozen=True)
class Line:
    """One row of a list. `before` and `after` are a field's difference; `incident` its number, where there is one."""

    what: str
    where: str = ""
    remark: str = ""
    bad: bool = False
    incident: int | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Section:
    """One list of the report, cut; `more` are left to the whole report."""

    title: str
    count: int
    lines: Sequence[Line]
    intro: str = ""
    is_open: bool = False
    more: int = 0


def totals(report: Told) -> list[Total]:
    """What stands on top."""
    bad = sum(one["severity"] == "error" for one in report["problems"])
    found = [
        _total(report["new"], "new incident", "new incidents"),
        _total(report["updated"], "changed", "changed"),
        _total(report["unchanged"], "as before", "as before"),
        _total(len({one["incident"] for one in report["conflicts"]}), "conflict", "conflicts"),
        _total(len(report["services_created"]), "new service", "new services"),
        _total(len(report["skipped"]), "left out", "left out"),
        _total(bad, "error", "errors", loud=True),
        _total(len(report["problems"]) - bad, "warning", "warnings"),
    ]
    return [one for one in found if one.number]


def _total(number: int, one: str, many: str, *, loud: bool = False) -> Total:
    return Total(number, one if number == 1 else many, loud)


def sections(report: Told) -> list[Section]:
    """Every list of the report that holds something, what needs attention first."""
    bad = [one for one in report["problems"] if one["severity"] == "error"]
    mild = [one for one in report["problems"] if one["severity"] != "error"]
    reasons = Counter(one["reason"] for one in report["skipped"])
    found = [
        _section("Errors", [_problem(one) for one in bad], "Each costs its row, nothing else.", is_open=True),
        _section(
            "Conflicts",
            [_difference(one) for one in report["conflicts"]],
            "The file says something new, and people said something else here since. Nothing is changed.",
            is_open=True,
        ),
        _section(
            "Changes", [_difference(one) for one in report["changes"]], "What the file says differently.", is_open=True
        ),
        _section("New incidents", [_added(one) for one in report["added"]], "Nobody is told of them.", is_open=True),
        _section(
            "New services",
            [Line(name) for name in report["services_created"]],
            "Nobody has registered them; they begin without an owner.",
        ),
        _section(
            "Warnings", [_problem(one) for one in mild], "The row comes in; what is doubted is unknown, never zero."
        ),
        Section(
            "Left out",
            len(report["skipped"]),
            [Line(f"{count} × {reason}") for reason, count in reasons.most_common(SHOWN)],
            "As the mapping asks.",
        ),
    ]
    return [one for one in found if one.count]


def _section(title: str, lines: Sequence[Line], intro: str = "", *, is_open: bool = False) -> Section:
    return Section(title, len(lines), lines[:SHOWN], intro, is_open, max(0, len(lines) - SHOWN))


def _problem(one: Told) -> Line:
    return Line(one["message"], _where(one), one["code"], one["severity"] == "error")


def _difference(one: Told) -> Line:
    here = f"here: {one['here']}" if one["here"] else ""
    field = str(one["field"]).replace("_", " ")
    return Line(field, _where(one), here, incident=one["incident"], before=one["before"], after=one["after"])


def _added(one: Told) -> Line:
    counted = [
        f"{one[name]} {name if one[name] != 1 else name.removesuffix('s')}"
        for name in ("findings", "actions")
        if one[name]
    ]
    remark = " · ".join(filter(None, [words(one["detected_at"]), one["service"], *counted]))
    return Line(one["title"], _where(one), remark, incident=one["incident"])


def _where(one: Told) -> str:
    return f"{one['file']}:{one['line']}"
