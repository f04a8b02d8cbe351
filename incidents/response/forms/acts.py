"""The short forms of an incident's page."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.response.vocabulary import BLAMES, Severity
from ownership.models import Service


def service_field(*, label: str = "Service", **more: Any) -> forms.ModelChoiceField[Service]:
    """A living service; takes what a ModelChoiceField takes."""
    return forms.ModelChoiceField(Service.objects.filter(retired_at=None).order_by("name"), label=label, **more)


class BlameForm(forms.Form):
    """First blame in one click; "not known yet" is an answer, empty is none."""

    first_blame = forms.ChoiceField(required=False, choices=BLAMES)


class SeverityForm(forms.Form):
    """A person's choice of severity."""

    severity = forms.ChoiceField(choices=Severity.choices)


class SetServiceForm(forms.Form):
    """Which service failed."""

    service = service_field(empty_label="Choose a service", error_messages={"required": "Choose the service."})


class ReopenForm(forms.Form):
    """Why a resolved incident is open again."""

    reason = forms.CharField(
        label="Why is it open again?", max_length=300, error_messages={"required": "Say why it is open again."}
    )
