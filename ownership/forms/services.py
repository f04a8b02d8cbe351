"""Forms about a service's details, parts, links and owners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from ownership import registering
from ownership.forms.fields import AddressField, PercentField
from ownership.models import Component
from ownership.registering import NewPart
from ownership.vocabulary import LONGEST_MS, Archetype, ComponentKind, LinkKind, PartRole, Tier
from web.forms import RadioCards

TIERS = [(tier.value, tier.short) for tier in Tier]
TIER_HINTS = {value: label.partition(": ")[2].capitalize() for value, label in Tier.choices}


class ServiceDetailsForm(forms.Form):
    """What a service is called, what users get from it, how much it matters, and what it promises."""

    name = forms.CharField(max_length=120, widget=forms.TextInput({"placeholder": "Support answers"}))
    outcome = forms.CharField(
        label="What users get when it works",
        max_length=300,
        help_text="One sentence that somebody can answer for, in users' words.",
        widget=forms.Textarea(
            {"rows": 2, "placeholder": "Customers get a correct answer with its source in under two seconds."}
        ),
    )
    tier = forms.ChoiceField(
        label="How much it matters", choices=TIERS, initial=Tier.T2, widget=RadioCards(hints=TIER_HINTS)
    )
    archetype = forms.ChoiceField(
        label="What sort of system it is",
        choices=Archetype.choices,
        initial=Archetype.OTHER,
        help_text="It says which parts are expected. Changing it adds and removes none.",
    )
    objective = PercentField(
        label="Objective in %",
        required=False,
        help_text="How many interactions must be good, over 30 days.",
    )
    latency_budget_ms = forms.IntegerField(
        label="Latency budget in ms",
        required=False,
        min_value=1,
        max_value=LONGEST_MS,
        widget=forms.NumberInput(),
        help_text="From the user's request to the whole answer.",
    )
    latency_percentile = PercentField(
        label="At percentile", required=False, help_text="95: of 100 answers, 95 keep to the budget."
    )

    def clean(self) -> dict[str, Any]:
        """A budget has its percentile, and the other way round."""
        data = self.cleaned_data
        budget, percentile = data.get("latency_budget_ms"), data.get("latency_percentile")
        if budget and percentile is None and "latency_percentile" not in self.errors:
            self.add_error("latency_percentile", "Say at which percentile the budget is meant, such as 95.")
        if percentile is not None and not budget and "latency_budget_ms" not in self.errors:
            self.add_error("latency_budget_ms", "Give the budget in milliseconds, or leave the percentile empty too.")
        return data


class PartForm(forms.Form):
    """A part to add: one that exists by its name, or a new one with its kind."""

    component = forms.CharField(
        label="Component",
        max_length=120,
        widget=forms.TextInput({"list": "components", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(required=False, choices=[("", "It exists already"), *ComponentKind.choices])
    role = forms.ChoiceField(label="What it is here", choices=PartRole.choices, initial=PartRole.CRITICAL)

    def clean(self) -> dict[str, Any]:
        """A name that is not known needs a kind."""
        data = self.cleaned_data
        name = " ".join(data.get("component", "").split())
        found = registering.known([name]).get(name.lower())
        if name and found is None and not data.get("kind"):
            self.add_error("kind", f"There is no {name} yet: choose its kind to make it, or check the name.")
        elif name and "role" in data:
            data["part"] = NewPart(name, found.kind if found else data["kind"], data["role"])
        return data


class PartAliasForm(forms.Form):
    """A label of alerts that means one of the service's parts; `offered` when the page has read them already."""

    part = forms.ModelChoiceField(Component.objects.none(), label="Part", empty_label=None)
    system = forms.CharField(label="Label", max_length=80, initial="component")
    key = forms.CharField(label="Value", max_length=200)

    def __init__(
        self, *args: Any, components: QuerySet[Component], offered: Iterable[Component] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        part = cast("forms.ModelChoiceField[Component]", self.fields["part"])
        part.queryset = components
        if offered is not None:
            part.choices = [(one.pk, str(one)) for one in offered]


class LinkForm(forms.Form):
    """Something to have at hand."""

    kind = forms.ChoiceField(label="Leads to", choices=LinkKind.choices)
    url = AddressField(label="Address")
    label = forms.CharField(label="In words", required=False, max_length=120)
