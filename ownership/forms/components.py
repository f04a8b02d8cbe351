"""Forms about components and the seams between them."""

from __future__ import annotations

from typing import Any

from django import forms

from ownership.forms.fields import ComponentNameField
from ownership.models import Team
from ownership.vocabulary import ComponentKind, DependencyKind


class ComponentForm(forms.Form):
    """What a component is, and which team looks after it."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=[("", "What kind?"), *ComponentKind.choices])
    description = forms.CharField(
        label="What it does", required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    custodian = forms.ModelChoiceField(
        Team.objects.order_by("name", "pk"),
        label="Looked after by",
        required=False,
        empty_label="No team yet",
        help_text="The team that changes and repairs it.",
    )


class NewComponentForm(ComponentForm):
    """A component with the label by which alerts name it."""

    system = forms.CharField(label="Alert label", required=False, max_length=80, initial="component")
    key = forms.CharField(
        label="Its value", required=False, max_length=200, help_text="Alerts that carry it are about this component."
    )

    def facts(self) -> dict[str, Any]:
        """What `cataloguing.add_component` takes."""
        data = dict(self.cleaned_data)
        system, key = data.pop("system"), data.pop("key")
        return {**data, "aliases": [(system or "component", key)] if key else []}


class AliasForm(forms.Form):
    """A label of alerts that means this component."""

    system = forms.CharField(label="Label", max_length=80, initial="component")
    key = forms.CharField(label="Value", max_length=200)


class SeamForm(forms.Form):
    """What this component needs, and how it behaves when that is slow."""

    downstream = ComponentNameField(label="Component")
    kind = forms.ChoiceField(label="How", choices=DependencyKind.choices)
    timeout_ms = forms.IntegerField(
        label="Timeout in ms", required=False, min_value=1, max_value=86_400_000, widget=forms.NumberInput()
    )
    attempts = forms.IntegerField(
        label="Attempts", required=False, min_value=1, max_value=100, help_text="First try included."
    )
    contract_url = forms.URLField(
        label="Contract",
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput({"placeholder": "https://"}),
    )
