"""Forms about components and the seams between them."""

from __future__ import annotations

from typing import Any

from django import forms

from ownership.forms.fields import AddressField, ComponentNameField, LabelsField, PercentField, SpanField
from ownership.models import Team
from ownership.vocabulary import LONGEST_MS, ComponentKind, DependencyKind, Lifecycle


class ComponentForm(forms.Form):
    """What a component is, and which team looks after it."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=[("", "What kind?"), *ComponentKind.choices])
    description = forms.CharField(
        label="What it does", required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    custodian = forms.ModelChoiceField(
        Team.objects.filter(dissolved_at=None).order_by("name", "pk"),
        label="Looked after by",
        required=False,
        empty_label="No team yet",
        help_text="The team that changes and repairs it.",
    )
    lifecycle = forms.ChoiceField(label="Lifecycle", choices=Lifecycle.choices, initial=Lifecycle.PRODUCTION)
    labels = LabelsField(
        label="Labels", required=False, help_text="Your own words to find it by, one key: value on each line."
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


def timeout_field(label: str = "Timeout in ms", **kwargs: Any) -> forms.IntegerField:
    """How long the upstream waits."""
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=LONGEST_MS, widget=forms.NumberInput(), **kwargs
    )


def attempts_field(label: str = "Attempts", **kwargs: Any) -> forms.IntegerField:
    """How often the upstream tries, the first time included."""
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=100, **kwargs)


def share_field(label: str = "Share in %", **kwargs: Any) -> PercentField:
    """How much of a service's latency budget the downstream may take."""
    return PercentField(label=label, required=False, highest="100", places=1, **kwargs)


class SeamFactsForm(forms.Form):
    """How one component needs another, and what happens when that is slow, changes or grows old."""

    kind = forms.ChoiceField(label="How", choices=DependencyKind.choices)
    timeout_ms = timeout_field(help_text="How long the upstream waits.")
    attempts = attempts_field(help_text="The first try included.")
    latency_share = share_field(help_text="Of the latency budget, for its own time.")
    contract_url = AddressField(label="Contract", required=False)
    unit = forms.CharField(
        label="Unit or meaning",
        required=False,
        max_length=200,
        help_text="What the reader takes the data to be: “amounts in cents”, “null means unknown”.",
    )
    freshness_minutes = SpanField(
        label="Oldest that is good enough", required=False, help_text="In minutes, or such as 2 h or 1 day."
    )


class SeamForm(SeamFactsForm):
    """What this component needs."""

    downstream = ComponentNameField(label="Component")
    field_order = ("kind", "downstream")
