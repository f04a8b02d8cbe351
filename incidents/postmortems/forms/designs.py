"""The form of a template: its name and purpose, and its sections in rows that move without JavaScript too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from incidents.postmortems.designing import LONGEST, MINUTES, MOST, Design
from incidents.postmortems.models import PostmortemTemplate
from incidents.postmortems.vocabulary import SHOWS, BlockKind, Prefill, Suits

ROW = ("kind", "key", "heading", "prompt", "required", "prefill")
HEAD = ("name", "about", "minutes", "suits", "written_on")
NEW = {"kind": BlockKind.NARRATIVE.value, "key": "", "heading": "", "prompt": "", "required": "", "prefill": ""}


class DesignForm(forms.Form):
    """A version of a template. Row n has the fields kind_n, key_n and, for a text, heading_n, prompt_n and so on.

    `focus` is the row on which somebody just worked, and `by` what they did with it.
    """

    name = forms.CharField(label="Name", max_length=LONGEST["name"], error_messages={"required": "Give it a name."})
    about = forms.CharField(
        label="What is it for?", required=False, max_length=LONGEST["about"], help_text="One line for whoever chooses."
    )
    minutes = forms.IntegerField(
        label="How long does it take, in minutes?", required=False, min_value=1, max_value=MINUTES
    )
    suits = forms.ChoiceField(
        label="Suggested for",
        required=False,
        choices=Suits.choices,
        help_text="Where an incident is of this sort, this template is the one that is preselected.",
    )
    written_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    focus = -1
    by = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said: Mapping[str, Any] = self.data if self.is_bound else self.initial
        self.count = next(row for row in range(MOST + 1) if f"kind_{row}" not in said or row == MOST)
        for row in range(self.count):
            self._add_row(row, is_text=said[f"kind_{row}"] == BlockKind.NARRATIVE)

    def _add_row(self, row: int, *, is_text: bool) -> None:
        self.fields[f"kind_{row}"] = forms.ChoiceField(
            label=f"Section {row + 1}", choices=BlockKind.choices, widget=forms.HiddenInput
        )
        self.fields[f"key_{row}"] = forms.CharField(required=False, widget=forms.HiddenInput)
        if not is_text:
            return
        self.fields[f"heading_{row}"] = forms.CharField(
            label="Heading",
            max_length=LONGEST["heading"],
            error_messages={"required": "Give the section a heading."},
        )
        self.fields[f"prompt_{row}"] = forms.CharField(
            label="Prompt",
            required=False,
            max_length=LONGEST["prompt"],
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.fields[f"prefill_{row}"] = forms.ChoiceField(label="Begins with", required=False, choices=Prefill.choices)
        self.fields[f"required_{row}"] = forms.BooleanField(label="Must be written before publishing", required=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows, for the page."""
        return [self._row(row) for row in range(self.count)]

    def _row(self, row: int) -> dict[str, Any]:
        kind = str((self.data if self.is_bound else self.initial)[f"kind_{row}"])
        fields = {name: self[f"{name}_{row}"] for name in ROW if f"{name}_{row}" in self.fields}
        label = BlockKind(kind).label if kind in BlockKind.values else kind
        by = self.by if row == self.focus else ""
        return {
            "number": row,
            "is_text": "heading" in fields,
            "label": label,
            "shows": SHOWS.get(kind, ""),
            "by": by,
        } | fields

    @property
    def addable(self) -> list[tuple[str, str]]:
        """The kinds that can be added: texts always, anything else once."""
        said: Mapping[str, Any] = self.data if self.is_bound else self.initial
        there = {said[f"kind_{row}"] for row in range(self.count)} - {BlockKind.NARRATIVE}
        return [] if self.count >= MOST else [one for one in BlockKind.choices if one[0] not in there]

    @property
    def design(self) -> Design:
        """The version as the act takes it."""
        said = self.cleaned_data
        sections = [{name: said.get(f"{name}_{row}", "") for name in ROW} for row in range(self.count)]
        return Design(said["name"], said["about"], said["minutes"], said["suits"], sections)


def initial_of(template: PostmortemTemplate, *, name: str = "") -> dict[str, Any]:
    """What the form begins with: a version as it stands."""
    head = {
        "name": name or template.name,
        "about": template.about,
        "minutes": template.minutes,
        "suits": template.suits,
        "written_on": template.version,
    }
    return head | _numbered([{one: entry.get(one, "") for one in ROW} for entry in template.sections])


def arranged(data: Mapping[str, Any], act: str) -> DesignForm:
    """The form with everything as it was typed after an act on its rows: `up-3`, `down-3`, `remove-3` or `add`."""
    rows = [{name: data.get(f"{name}_{row}", "") for name in ROW} for row in range(MOST) if f"kind_{row}" in data]
    verb, _, said = act.partition("-")
    at = int(said) if said.isdecimal() and len(said) < 4 else -1
    focus = at
    if verb == "add" and len(rows) < MOST:
        rows.append(NEW | {"kind": _addable(str(data.get("new_kind", "")), rows)})
        focus = len(rows) - 1
    elif 0 <= at < len(rows):
        row = rows.pop(at)
        focus = {"up": max(at - 1, 0), "down": min(at + 1, len(rows))}.get(verb, min(at, len(rows) - 1))
        if verb != "remove":
            rows.insert(focus, row)
    form = DesignForm(initial={name: data.get(name, "") for name in HEAD} | _numbered(rows))
    form.focus, form.by = focus, verb
    if verb == "add" and f"heading_{focus}" in form.fields:
        form.fields[f"heading_{focus}"].widget.attrs["autofocus"] = True
    return form


def _addable(kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    there = {row["kind"] for row in rows}
    return kind if kind in BlockKind.values and kind not in there else BlockKind.NARRATIVE.value


def _numbered(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{name}_{place}": row[name] for place, row in enumerate(rows) for name in ROW}
