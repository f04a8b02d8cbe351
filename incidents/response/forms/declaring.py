"""Declaring an incident by hand."""

from __future__ import annotations

from django import forms

from incidents.response.forms.acts import service_field
from incidents.response.forms.impact import ImpactFields
from incidents.response.vocabulary import BLAMES, Severity
from web.forms import LayerCards, MomentInput


class DeclareForm(ImpactFields):
    """Declare an incident by hand, also one of last week."""

    title = forms.CharField(label="What is wrong?", max_length=300, help_text="One line, as a user would say it.")
    service = service_field(required=False, empty_label="Not known yet", help_text="It brings who answers for it.")
    severity = forms.ChoiceField(label="Severity", choices=Severity.choices, initial=Severity.PENDING)
    detected_at = forms.DateTimeField(
        label="Noticed at", required=False, widget=MomentInput, help_text="Empty means now. In your time zone."
    )
    first_blame = forms.ChoiceField(
        label="First blame",
        required=False,
        choices=BLAMES,
        widget=LayerCards,
        help_text="Your first guess. It is kept as it is and later compared with what was found.",
    )
    private = forms.BooleanField(
        label="Private",
        required=False,
        help_text="Only its people, whoever answers for its service, and admins see it and hear of it.",
    )
    field_order = (
        "title",
        "service",
        "type",
        "severity",
        "impact",
        "impact_precision",
        "impact_from",
        "impact_until",
        "detected_at",
        "detected_by",
        "first_blame",
        "private",
    )
