"""The forms of a failing example: its words, which are looked through before they are kept, and taking it back."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms

from incidents.alerts.queries.reports import Filed
from incidents.postmortems import exemplifying, redacting
from incidents.postmortems.exemplifying import LONGEST, LONGEST_NOTE, LONGEST_WHY, Said
from incidents.postmortems.models import FailingExample
from incidents.postmortems.redacting import Plan
from incidents.postmortems.vocabulary import GuardrailKind, InputFormat
from incidents.response.models import Incident
from incidents.response.queries import dossier, modes
from incidents.response.vocabulary import Layer
from ownership.models import Component, Part
from web import errors

Choices = list[tuple[str, Any]]
_CODE = re.compile(r"[0-9a-f]{16}")
SHOWN = ("input", "expected", "observed", "note")


def _area(rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "spellcheck": "false", **attrs})


class ExampleForm(forms.Form):
    """One example. `seen` carries the codes of what a preview has shown, `keep` of what is to stay as it is."""

    input = forms.CharField(
        label="The input that failed",
        strip=False,
        widget=_area(6, autofocus=True),
        help_text=f"The question, the document, the messages; the smallest that still fails. At most {LONGEST:,} "
        "characters.",
        error_messages={"required": "Give the input that failed."},
    )
    input_format = forms.ChoiceField(label="It is", choices=InputFormat.choices, initial=InputFormat.TEXT)
    observed = forms.CharField(label="What came", required=False, strip=False, widget=_area(4))
    expected = forms.CharField(
        label="What was expected",
        required=False,
        strip=False,
        widget=_area(4),
        help_text="An answer, or what holds of every right one: “refuses”, “names the 30 days”.",
    )
    mode = forms.ChoiceField(
        label="Layer and mode", error_messages={"required": "Choose the layer that failed; the mode may follow."}
    )
    component = forms.ChoiceField(label="Component", required=False, help_text="Of a guardrail: which one.")
    guardrail_kind = forms.ChoiceField(
        label="What it shows of a guardrail",
        required=False,
        choices=[("", "Nothing"), *GuardrailKind.choices],
        help_text="It let something through, it stopped something harmless, or people found a way around it.",
    )
    tags = forms.CharField(label="Tags", required=False, help_text="With commas: refunds, german, long-context.")
    source_url = forms.CharField(
        label="Where it comes from", required=False, help_text="The trace or ticket; Seamline never opens it."
    )
    note = forms.CharField(
        label="Note", required=False, strip=False, widget=_area(2), help_text=f"At most {LONGEST_NOTE:,} characters."
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        incident: Incident,
        example: FailingExample | None = None,
        filed: Filed | None = None,
    ) -> None:
        initial = _initial_of(example) if example else _suggested(incident, filed)
        super().__init__(data, initial=initial, auto_id="example_%s")
        offered = modes.offered(keep=(example.mode_id if example else None) or "")
        self._modes = {mode.code: mode for mode in offered}
        if initial["mode"] not in self._modes:
            initial["mode"] = str(initial["mode"]).partition(".")[0]  # of a mode that is offered no longer, its layer
        cast("forms.ChoiceField", self.fields["mode"]).choices = _mode_choices(self._modes.values())
        component = example.component_id if example else None
        self._components = _components(incident, component)
        options = [("", "Not one alone"), *[(str(one.pk), one.name) for one in self._components.values()]]
        cast("forms.ChoiceField", self.fields["component"]).choices = options
        self.said = Said()
        self.plan = Plan([], {})

    def clean(self) -> dict[str, Any]:
        """What the act would refuse is refused here, beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        code = cleaned["mode"]
        mode = self._modes.get(code)
        told = {name: cleaned[name] for name in (*SHOWN, "input_format", "guardrail_kind", "source_url")}
        try:
            self.said = exemplifying.checked(
                Said(
                    **told,
                    layer=mode.layer if mode else code,
                    mode=mode,
                    component=self._components.get(cleaned["component"]),
                    tags=tuple(cleaned["tags"].split(",")),
                )
            )
        except errors.DomainError as error:
            self.add_error("mode" if error.field == "layer" else error.field, error.message)
            return cleaned
        self.plan = self.said.plan
        return cleaned

    @property
    def keep(self) -> set[str]:
        """Codes of what is to stay as it is, of what a preview can have shown."""
        asked = cast("Any", self.data)
        given = asked.getlist("keep") if hasattr(asked, "getlist") else ()
        return {code for code in given if _CODE.fullmatch(code)} & self.plan.codes

    @property
    def was_shown(self) -> bool:
        """Everything that looks private has stood in a preview."""
        return self.plan.codes <= set(self.cleaned_data["seen"].split())

    @property
    def codes(self) -> str:
        """What the next sending says it has seen."""
        return " ".join(sorted(self.plan.codes))

    @property
    def replacements(self) -> list[tuple[redacting.Replacement, bool]]:
        """What would be replaced, each with whether it is kept."""
        keep = self.keep
        return [(one, one.code in keep) for one in self.plan.replacements]

    @property
    def preview(self) -> list[tuple[str, list[redacting.Piece]]]:
        """The texts as they would be kept, by the label of their field; without the empty ones."""
        clean = self.said.redacted(self.keep)
        told = ((name, getattr(clean, name)) for name in SHOWN)
        return [(str(self.fields[name].label), redacting.pieces(text)) for name, text in told if text]


class TakeBackForm(forms.Form):
    """Why it is no example after all."""

    why = forms.CharField(
        label="Why",
        max_length=LONGEST_WHY,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why it is taken back."},
    )


def _initial_of(example: FailingExample) -> dict[str, Any]:
    names = (*SHOWN, "input_format", "guardrail_kind", "source_url", "version")
    return {
        **{name: getattr(example, name) for name in names},
        "mode": example.mode_id or example.layer,
        "component": example.component_id or "",
        "tags": ", ".join(example.tags),
    }


def _suggested(incident: Incident, filed: Filed | None) -> dict[str, Any]:
    """What is known of the incident, and the words of a report where it is to be made of one."""
    found = dossier.current_findings(incident)
    of_layer = found[0] if found else None
    named = modes.heads([code]).get(code) if (code := incident.suggestion.get("mode")) else None
    suggested = named.code if named else incident.suggested_layer
    words = filed.words if filed and filed.words else {}
    return {
        "mode": (of_layer.mode.counted.code if of_layer.mode else of_layer.layer) if of_layer else suggested,
        "component": (of_layer.component_id if of_layer else None) or incident.component_id or "",
        "input": words.get("asked", ""),
        "observed": words.get("answered", ""),
        "expected": words.get("expected", ""),
    }


def _mode_choices(modes: Any) -> Choices:
    """Modes grouped by layer; each layer can be chosen without one."""
    groups: dict[str, Choices] = {layer.value: [(layer.value, f"{layer.label}: mode not known")] for layer in Layer}
    for mode in modes:
        groups[mode.layer].append((mode.code, f"{Layer(mode.layer).label}: {mode.name}"))
    return [("", "Choose"), *[(Layer(layer).label, group) for layer, group in groups.items()]]


def _components(incident: Incident, named: int | None) -> dict[str, Component]:
    """By their ids as text: the service's parts first, then the others that live, and the one that is named already."""
    parts = Part.objects.filter(service=incident.service_id).select_related("component").order_by("position", "pk")
    inside = [part.component for part in parts] if incident.service_id else []
    living = Component.objects.filter(retired_at=None).order_by("name", "pk")
    every = {str(one.pk): one for one in [*inside, *living]}
    if named and str(named) not in every:
        every[str(named)] = Component.objects.get(pk=named)
    return every
