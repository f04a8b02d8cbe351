"""Forms of rules and of the severity table; they check shape, the acts and the database decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from incidents.alerts.matching.conditions import HOWS, IS, KIND, SOURCE, WHATS, Condition
from incidents.alerts.models import Source
from incidents.alerts.rule_models import AlertRule, RuleBook
from incidents.alerts.ruling import Wanted
from incidents.alerts.severity import CHOICES, COLUMNS, Table
from incidents.alerts.sources import registry
from incidents.response.forms.resolving import mode_choices
from incidents.response.models import FailureMode
from ownership.models import Component, Service
from ownership.vocabulary import Tier

ROWS = 12  # conditions that a page can hold
SPARE = 1  # empty rows at the end
_LINES = 6


class _RuleForm(forms.Form):
    """A rule: conditions in rows, what it says, and a note. Rows in which nothing is chosen are left out."""

    note = forms.CharField(
        label="What is it for?",
        required=False,
        max_length=200,
        help_text="One line for whoever wonders later, such as “the batch cluster names no service”.",
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    incident = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            rows = sum(f"what_{row}" in self.data for row in range(ROWS))
        self.count = max(1, min(rows, ROWS))
        for row in range(self.count):
            self._add_row(row)

    def _add_row(self, row: int) -> None:
        self.fields[f"what_{row}"] = forms.ChoiceField(
            label="Look at", required=False, choices=[("", "–"), *WHATS.items()]
        )
        self.fields[f"label_{row}"] = forms.CharField(
            label="named", required=False, widget=forms.TextInput(attrs={"placeholder": "job", "autocomplete": "off"})
        )
        self.fields[f"how_{row}"] = forms.ChoiceField(label="that", required=False, choices=list(HOWS.items()))
        lines = str(self.initial.get(f"condition_{row}", "")).count("\n") + 1
        self.fields[f"condition_{row}"] = forms.CharField(
            label="one of these, a line each",
            required=False,
            max_length=20_000,
            widget=forms.Textarea(attrs={"rows": min(lines, _LINES), "class": "lines", "spellcheck": "false"}),
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of conditions, for the template."""
        names = ("what", "label", "how", "condition")
        return [{"number": row, **{name: self[f"{name}_{row}"] for name in names}} for row in range(self.count)]

    @property
    def conditions(self) -> list[Condition]:
        """What was written, in order, not checked yet; sources by number."""
        written = []
        for row in range(self.count):
            data = {name: self.cleaned_data.get(f"{name}_{row}", "") for name in ("what", "label", "how", "condition")}
            if data["what"]:
                how = data["how"] if data["what"] not in {SOURCE, KIND} else IS
                values = tuple(data["condition"].splitlines())
                written.append(Condition(data["what"], how, _as_stored(data["what"], values), data["label"]))
        return written

    def place(self, field: str | None) -> str | None:
        """Where an act's complaint about the n-th condition stands on the page: empty rows count there."""
        if not (field or "").startswith("condition_"):
            return field
        used = [row for row in range(self.count) if self.cleaned_data.get(f"what_{row}")]
        return f"condition_{used[int(str(field).removeprefix('condition_'))]}"


class SubjectRuleForm(_RuleForm):
    """Who the alerts hit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"] = forms.ChoiceField(
            label="Then it is about",
            choices=_targets(),
            error_messages={"required": "Choose the component or service that these alerts are about."},
            help_text="A component brings its services; a service brings who answers.",
        )

    @property
    def wanted(self) -> Wanted:
        """As the acts take it."""
        kind, _, number = self.cleaned_data["target"].partition(":")
        return Wanted(
            conditions=self.conditions,
            component=Component.objects.get(pk=number) if kind == "component" else None,
            service=Service.objects.get(pk=number) if kind == "service" else None,
            note=self.cleaned_data["note"],
        )


class LayerRuleForm(_RuleForm):
    """Which layer the alerts suggest."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["layer"] = forms.ChoiceField(
            label="Then it suggests",
            choices=[("", "Choose a layer or a mode"), *mode_choices(keep=str(self.initial.get("layer", "")))[1:]],
            error_messages={"required": "Choose the layer, or the mode, that these alerts suggest."},
            help_text="A suggestion: it never sets first blame, and whoever resolves may say otherwise.",
        )

    @property
    def wanted(self) -> Wanted:
        """As the acts take it."""
        what = self.cleaned_data["layer"]
        mode = FailureMode.objects.get(code=what) if "." in what else None
        layer = mode.layer if mode else what
        return Wanted(conditions=self.conditions, layer=layer, mode=mode, note=self.cleaned_data["note"])


RuleForm = SubjectRuleForm | LayerRuleForm
FORMS: dict[str, type[RuleForm]] = {
    RuleBook.SUBJECT.value: SubjectRuleForm,
    RuleBook.LAYER.value: LayerRuleForm,
}


def initial_of(rule: AlertRule, asked: Sequence[Condition]) -> dict[str, Any]:
    """A rule as its form shows it."""
    target = f"component:{rule.component_id}" if rule.component_id else f"service:{rule.service_id}"
    said = {"target": target} if rule.book == RuleBook.SUBJECT else {"layer": rule.mode_id or rule.layer}
    return {"note": rule.note, "seen": rule.version, **said, **rows_of(asked)}


def rows_of(asked: Sequence[Condition]) -> dict[str, Any]:
    """Conditions as the rows of a form."""
    names = source_names()
    shown: dict[str, Any] = {}
    for row, one in enumerate(asked):
        values = [names.get(value, value) if one.what == SOURCE else value for value in one.values]
        shown |= {f"what_{row}": one.what, f"label_{row}": one.label, f"how_{row}": one.how}
        shown[f"condition_{row}"] = "\n".join(values)
    return shown


def source_names() -> dict[str, str]:
    """Names of sources by number, both as text."""
    return {str(pk): name for pk, name in Source.objects.values_list("pk", "name")}


class SeverityTableForm(forms.Form):
    """The table tier × what the sender says, a select for each cell."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = table.version
        for tier in Tier:
            for said in COLUMNS:
                self.fields[f"{tier}_{said}"] = forms.ChoiceField(
                    label=f"{tier.short}, {said}",
                    choices=[(sev.value, sev.label) for sev in CHOICES],
                    initial=table.sev(tier, said).value,
                )

    @property
    def grid(self) -> list[tuple[str, list[Any]]]:
        """Its rows for the template: each tier in words with its four fields."""
        return [(str(tier.label), [self[f"{tier}_{said}"] for said in COLUMNS]) for tier in Tier]

    @property
    def cells(self) -> Mapping[str, list[str]]:
        """As the acts take it."""
        return {tier.value: [self.cleaned_data[f"{tier}_{said}"] for said in COLUMNS] for tier in Tier}


def _as_stored(what: str, values: Sequence[str]) -> tuple[str, ...]:
    """Sources and kinds are written by name; what names none stays as it is, for the act to refuse."""
    known: dict[str, str] = {}
    if what == SOURCE:
        known = {name.casefold(): number for number, name in source_names().items()}
    elif what == KIND:
        known = {kind.label.casefold(): kind.name for kind in registry.KINDS.values()}
    return tuple(known.get(value.strip().casefold(), value) for value in values)


def _targets() -> list[tuple[str, Any]]:
    services = Service.objects.filter(retired_at=None).order_by("name").values_list("pk", "name")
    components = Component.objects.filter(retired_at=None).order_by("name").values_list("pk", "name")
    return [
        ("", "Choose a component or a service"),
        ("Components", [(f"component:{pk}", name) for pk, name in components]),
        ("Services", [(f"service:{pk}", name) for pk, name in services]),
    ]
