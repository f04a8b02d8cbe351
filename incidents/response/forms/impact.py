"""What users see and since when."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.response import impacts
from incidents.response.impacts import Impact
from incidents.response.models import Incident
from incidents.response.vocabulary import DetectedBy, IncidentType, Precision
from web.forms import MomentInput, RadioCards, keep_seconds

YOUR_ZONE = "In your time zone."


class StartFields(forms.Form):
    """Since when, as exactly as it is known; a time that a field shows without its seconds keeps them."""

    impact_precision = forms.ChoiceField(
        label="When did the impact start?",
        choices=Precision.choices,
        initial=Precision.UNKNOWN,
        widget=RadioCards,
        help_text="Say it only as exactly as you know it.",
    )
    impact_from = forms.DateTimeField(
        label="Start of the impact", required=False, widget=MomentInput, help_text=YOUR_ZONE
    )
    impact_until = forms.DateTimeField(
        label="And at the latest", required=False, widget=MomentInput, help_text=YOUR_ZONE
    )

    def clean(self) -> dict[str, Any]:
        """Times fit the precision, each missing one said beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        keep_seconds(self)
        precision = cleaned.get("impact_precision")
        begins, until = cleaned.get("impact_from"), cleaned.get("impact_until")
        if precision == Precision.UNKNOWN:
            cleaned["impact_from"] = cleaned["impact_until"] = None
        elif begins is None and "impact_from" not in self.errors:
            self.add_error("impact_from", "Give the time, or choose “Unknown” above.")
        if precision != Precision.BETWEEN:
            cleaned["impact_until"] = None
        elif until is None and "impact_until" not in self.errors:
            self.add_error("impact_until", "Give the latest time it can have started.")
        elif begins and until and until <= begins:
            self.add_error("impact_until", "This must be later than the first time.")
        return cleaned

    @property
    def began(self) -> Impact:
        """The start of the impact as the acts take it."""
        data = self.cleaned_data
        return Impact(data["impact_precision"], data["impact_from"], data["impact_until"])


class ImpactFields(StartFields):
    """What users see and since when, and what kind of trouble it is."""

    impact = forms.CharField(
        label="What users see",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who is affected, how, and roughly what share.",
    )
    type = forms.ChoiceField(label="Type", required=False, choices=[("", "Not said"), *IncidentType.choices])
    detected_by = forms.ChoiceField(
        label="Noticed by", required=False, choices=[("", "Not known"), *DetectedBy.choices]
    )


class ImpactForm(ImpactFields):
    """The same of an incident that is there already."""

    written_on = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(incident: Incident) -> dict[str, Any]:
        """What is said so far, and its stamp."""
        names = ("impact", "impact_precision", "impact_from", "impact_until", "detected_by", "type")
        return {"written_on": impacts.stamp(incident)} | {name: getattr(incident, name) for name in names}

    def said(self) -> dict[str, Any]:
        """As the act takes it."""
        data = self.cleaned_data
        kept = {name: data[name] for name in ("impact", "detected_by")}
        return {**kept, "of_type": data["type"], "began": self.began, "written_on": data["written_on"] or None}
