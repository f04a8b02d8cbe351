"""Which part of a chart somebody clicked on, read from the URL. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from incidents.patterns.window import Problem, month_of

STATES = ("reviewed", "provisional")
ONLY = ("open", "untagged")


@dataclass(frozen=True)
class Selection:
    """A layer, a month, a state of findings, or only the open or untagged incidents; empty means any."""

    layer: str = ""
    month: date | None = None
    state: str = ""
    only: str = ""
    problems: tuple[Problem, ...] = ()

    @classmethod
    def from_query(cls, query: Mapping[str, str], *, layers: Collection[str]) -> Selection:
        """The selection that `layer`, `month`, `state` and `only` ask for; what is unknown is left out and told."""
        problems: list[Problem] = []
        text = query.get("month", "").strip()
        month = month_of(text)
        if text and month is None:
            problems.append(Problem("month", f"“{text[:40]}” is not a month: write it as 2026-03."))
        closed = {
            name: _one_of(name, query.get(name, "").strip(), known, problems)
            for name, known in (("layer", layers), ("state", STATES), ("only", ONLY))
        }
        return cls(month=month, problems=tuple(problems), **closed)

    def query(self) -> dict[str, str]:
        """The URL parameters that lead back to this selection."""
        month = f"{self.month:%Y-%m}" if self.month else ""
        asked = {"layer": self.layer, "month": month, "state": self.state, "only": self.only}
        return {name: value for name, value in asked.items() if value}


def _one_of(name: str, text: str, known: Collection[str], problems: list[Problem]) -> str:
    if not text or text in known:
        return text
    problems.append(Problem(name, f"{name} is one of {', '.join(known)}."))
    return ""
