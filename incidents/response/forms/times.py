"""The times of an incident: corrected, checked."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.response import anchors
from incidents.response.anchors import Times
from incidents.response.forms.impact import YOUR_ZONE, StartFields
from incidents.response.models import Incident
from web.forms import MomentInput

FIELDS = ("detected_at", "acknowledged_at", "identified_at", "mitigated_at", "resolved_at")


def _moment(label: str, help_text: str = YOUR_ZONE, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        **{"label": label, "required": False, "widget": MomentInput, "help_text": help_text, **more}
    )


class CheckForm(forms.Form):
    """All times are right, as they stood when the person looked."""

    written_on = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)


class TimesForm(StartFields):
    """Every named time, and why it is another than was thought."""

    detected_at = _moment(
        "Noticed", required=True, error_messages={"required": "Somebody or something noticed it; say when."}
    )
    acknowledged_at = _moment("Acknowledged")
    identified_at = _moment("Cause known", "When it was clear what had failed. In your time zone.")
    mitigated_at = _moment("Mitigated", "When users were well again. In your time zone.")
    resolved_at = _moment("Resolved")
    reason = forms.CharField(
        label="Why are they others?",
        required=False,
        max_length=500,
        help_text="Where the better times come from: a trace, a graph, somebody's word. What stood before is kept.",
    )
    checked = forms.BooleanField(
        label="I have checked all of these times",
        required=False,
        help_text="Durations count as checked then, until one of the times changes.",
    )
    written_on = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(incident: Incident) -> dict[str, Any]:
        """The times as they stand."""
        names = ("impact_precision", "impact_from", "impact_until", *FIELDS)
        return {name: getattr(incident, name) for name in names}

    def said(self) -> dict[str, Any]:
        """As the act takes it."""
        data = self.cleaned_data
        times = Times(self.began, **{name: data[name] for name in FIELDS})
        kept = {name: data[name] for name in ("reason", "checked")}
        return {"times": times, "written_on": data["written_on"] or None, **kept}


def stamp(incident: Incident) -> str:
    """What a form says that it was written on."""
    return anchors.of(incident).stamp
