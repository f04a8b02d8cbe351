"""The table of latencies by stage as one form: a row for each stage, ready to type numbers into."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, cast

from django import forms

from incidents.postmortems.measuring import MOST, Stage, falling
from incidents.postmortems.models import Postmortem, StageLatency
from incidents.postmortems.queries import stages as places
from ownership.models import Component, Dependency, Service
from ownership.vocabulary import LONGEST_MS
from web.forms import MomentInput, keep_seconds

BLANK = 2  # rows for stages that the budget does not name
NUMBERS = ("budget_ms", "p50_ms", "p95_ms", "p99_ms")


def _ms(label: str, least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=LONGEST_MS,
        error_messages={"invalid": "Whole milliseconds, such as 800; leave it empty when it is not known."},
    )


class WindowForm(forms.Form):
    """From when until when it was measured, in the zone of whoever types."""

    measured_from = forms.DateTimeField(label="Measured from", required=False, widget=MomentInput)
    measured_until = forms.DateTimeField(label="Measured until", required=False, widget=MomentInput)

    def clean(self) -> dict[str, Any]:
        """The window has an order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        keep_seconds(self)
        begins, until = cleaned.get("measured_from"), cleaned.get("measured_until")
        if begins and until and until < begins:
            self.add_error("measured_until", "The window ends before it begins.")
        return cleaned


class StageForm(forms.Form):
    """One row. `key` says which stage it is; a row without one takes a name."""

    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    line = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    place = forms.ChoiceField(label="Part", required=False)
    name = forms.CharField(label="or a name of its own", required=False, max_length=120)
    budget_ms = _ms("Budget", least=1)
    p50_ms = _ms("p50")
    p95_ms = _ms("p95")
    p99_ms = _ms("p99")
    shown_by = forms.CharField(label="What shows it", required=False, max_length=500)
    gone = forms.BooleanField(label="Take this row out", required=False)

    def __init__(self, *args: Any, label: str = "", parts: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = label  # what the row is called; empty for a row that somebody adds
        cast("forms.ChoiceField", self.fields["place"]).choices = [("", "Choose"), *parts]

    def clean(self) -> dict[str, Any]:
        """Percentiles rise, and a row with numbers says which stage it is."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("gone"):
            self.errors.clear()
            return cleaned
        problem = falling(cleaned.get("p50_ms"), cleaned.get("p95_ms"), cleaned.get("p99_ms"))
        if problem:
            self.add_error("p99_ms" if problem.startswith("p99") else "p95_ms", problem)
        said = self.is_said(cleaned)
        if said and not self.label and not cleaned.get("place") and not cleaned.get("name", "").strip():
            self.add_error("name", "Choose a part, or name the stage.")
        if cleaned.get("place") and cleaned.get("name", "").strip():
            self.add_error("name", "A part or a name of its own, not both.")
        return cleaned

    def is_said(self, data: dict[str, Any]) -> bool:
        """True when anything was typed into the row."""
        return any(data.get(name) is not None for name in NUMBERS) or bool(data.get("shown_by", "").strip())

    @property
    def numbers(self) -> list[Any]:
        """The fields of its numbers, in order."""
        return [self[name] for name in NUMBERS]


class LatencyForm:
    """The whole table: its window, the rows that stand, those that the budget names, and some blank ones."""

    def __init__(self, data: Any = None, *, postmortem: Postmortem, standing: Sequence[StageLatency]) -> None:
        self.is_bound = data is not None
        self.window = WindowForm(data, initial=_window(postmortem, standing), auto_id="stage_%s")
        rows = [(row.label, _initial(row)) for row in standing]
        there = {row["key"] for _, row in rows}
        rows += [
            (stage.name, {"key": stage.key, "budget_ms": stage.budget_ms})
            for stage in places.named(postmortem.incident)
            if stage.key not in there
        ]
        rows = _posted(data, rows) if self.is_bound else [*rows, *([("", {})] * BLANK)]
        parts = places.choices(postmortem.incident)
        self.rows = [
            StageForm(data, initial=row, prefix=f"s{place}", label=label, parts=parts, auto_id="stage_%s")
            for place, (label, row) in enumerate(rows)
        ]

    @property
    def count(self) -> int:
        """How many rows the form has."""
        return len(self.rows)

    @property
    def problems(self) -> list[tuple[str, Any, Any]]:
        """What is wrong, row by row: the row's name, the field, the words."""
        if not self.is_bound:
            return []
        forms_ = [("", self.window), *((row.label, row) for row in self.rows)]
        return [(label, field, error) for label, one in forms_ for field in one for error in field.errors]

    def is_valid(self) -> bool:
        """True when every row and the window can be kept."""
        return self.is_bound and all([self.window.is_valid(), *(row.is_valid() for row in self.rows)])

    @property
    def gone(self) -> list[uuid.UUID]:
        """The lines that are taken out."""
        return [row.cleaned_data["line"] for row in self.rows if row.cleaned_data["gone"] and row.cleaned_data["line"]]

    def stages(self, standing: Sequence[StageLatency]) -> list[Stage]:
        """The rows that say something, as the act takes them."""
        before = {row.line: row for row in standing}
        kept = [row.cleaned_data for row in self.rows if not row.cleaned_data["gone"]]
        kept = [
            data for data in kept if data["line"] or any(data[name] is not None for name in NUMBERS) or data["shown_by"]
        ]
        found = places.subjects({data["key"] or data["place"] for data in kept})
        return [self._stage(data, found.get(data["key"] or data["place"]), before.get(data["line"])) for data in kept]

    def _stage(
        self, data: dict[str, Any], subject: Service | Component | Dependency | None, before: StageLatency | None
    ) -> Stage:
        measured = any(data[name] is not None for name in NUMBERS[1:])
        window = self.window.cleaned_data
        begins, until = (before.measured_from, before.measured_until) if before else (None, None)
        if measured:
            begins, until = window["measured_from"] or begins, window["measured_until"] or until
        return Stage(
            service=subject if isinstance(subject, Service) else None,
            component=subject if isinstance(subject, Component) else None,
            dependency=subject if isinstance(subject, Dependency) else None,
            name="" if subject else (before.name if before else data["name"]),
            measured_from=begins,
            measured_until=until,
            shown_by=data["shown_by"],
            line=data["line"],
            seen=data["seen"],
            **{name: data[name] for name in NUMBERS},
        )


def seen_again(data: Any, standing: Sequence[StageLatency]) -> Any:
    """What was posted, now written on the rows as they stand: saving it once more puts it in their place."""
    fresh = data.copy()
    now = {str(row.line): row.pk for row in standing}
    for place in range(_count(data)):
        line = fresh.get(f"s{place}-line", "")
        if line:
            fresh[f"s{place}-seen"] = now.get(line, "")
            fresh[f"s{place}-line"] = line if line in now else ""
    return fresh


def _posted(data: Any, rows: Sequence[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """As many rows as were sent, called as the rows that they continue."""
    by_line = {str(row["line"]): (label, row) for label, row in rows if row.get("line")}
    by_key = {row["key"]: (label, row) for label, row in rows if row["key"]}
    found = []
    for place in range(_count(data)):
        line, key = data.get(f"s{place}-line", ""), data.get(f"s{place}-key", "")
        found.append(by_line.get(line) or by_key.get(key) or ("", {}))
    return found


def _count(data: Any) -> int:
    said = str(data.get("rows", ""))
    return min(int(said), MOST + BLANK) if said.isdecimal() and len(said) < 5 else 0


def _initial(row: StageLatency) -> dict[str, Any]:
    keys = (("service", row.service_id), ("component", row.component_id), ("seam", row.dependency_id))
    key = next((f"{kind}:{number}" for kind, number in keys if number), "")
    numbers = {name: getattr(row, name) for name in NUMBERS}
    return {"key": key, "line": row.line, "seen": row.pk, "name": row.name, "shown_by": row.shown_by, **numbers}


def _window(postmortem: Postmortem, standing: Sequence[StageLatency]) -> dict[str, Any]:
    """The window that all rows share; while nothing is measured, that of the impact."""
    windows = {(row.measured_from, row.measured_until) for row in standing if row.is_measured}
    if not windows:
        incident = postmortem.incident
        return {"measured_from": incident.impact_from, "measured_until": incident.mitigated_at or incident.resolved_at}
    begins, until = next(iter(windows)) if len(windows) == 1 else (None, None)
    return {"measured_from": begins, "measured_until": until}
