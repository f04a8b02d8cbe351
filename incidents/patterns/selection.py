"""Which part of a chart somebody clicked on, read from the URL. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date

from incidents.patterns.window import Problem, month_of

MONTH = "month"


@dataclass(frozen=True)
class Selection:
    """What the incidents behind a mark have in common; empty means any.

    `layer`, `mode`, `state`, `role` and `kind` (of component) hold of one of its findings, `beside` of any: a further
    layer found in it. `blame`, `found`, `suggested` are the layers first blamed, of the primary finding, and that a
    rule suggested; `green` whether monitors were green, `owned` whether somebody was accountable when it opened (yes,
    no, unknown); `same_day` names two services (`one.other`): incidents of either on a day (UTC) on which both had one;
    `hurt` those that went on in the time, whenever they were noticed, and whether it is known how much they hurt;
    `only` names one of the conditions of `queries.marks.ONLY`; `rule` is one whose suggestion somebody judged, `stage`
    one of which a review says how long it took; `handed` how often the incident was handed on (5: or more), `returned`
    whether once straight back. A mark of one service, severity or way of detection needs no selection: it leads on
    with that filter of the window.
    """

    layer: str = ""
    mode: str = ""
    state: str = ""
    role: str = ""
    kind: str = ""
    beside: str = ""
    blame: str = ""
    found: str = ""
    suggested: str = ""
    type: str = ""
    green: str = ""
    owned: str = ""
    same_day: str = ""
    hurt: str = ""
    only: str = ""
    rule: str = ""
    stage: str = ""
    handed: str = ""
    returned: str = ""
    month: date | None = None
    problems: tuple[Problem, ...] = ()

    @classmethod
    def from_query(cls, query: Mapping[str, str], *, known: Mapping[str, Collection[str]]) -> Selection:
        """The selection that these parameters ask for; a value that is not among those known is left out and told."""
        problems: list[Problem] = []
        text = query.get(MONTH, "").strip()
        month = month_of(text)
        if text and month is None:
            problems.append(Problem(MONTH, f"“{text[:40]}” is not a month: write it as 2026-03."))
        chosen = {name: _one_of(name, query.get(name, "").strip(), known[name], problems) for name in NAMES}
        return cls(month=month, problems=tuple(problems), **chosen)

    def query(self) -> dict[str, str]:
        """The URL parameters that lead back to this selection."""
        month = f"{self.month:%Y-%m}" if self.month else ""
        asked = {**{name: getattr(self, name) for name in NAMES}, MONTH: month}
        return {name: value for name, value in asked.items() if value}


NAMES = tuple(one.name for one in fields(Selection) if one.name not in {MONTH, "problems"})


def _one_of(name: str, text: str, known: Collection[str], problems: list[Problem]) -> str:
    if not text or text in known:
        return text
    told = ", ".join(known) if len(known) <= 10 else "what the charts lead to"
    problems.append(Problem(name, f"{name} is one of {told}."))
    return ""
