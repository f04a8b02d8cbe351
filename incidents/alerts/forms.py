"""Forms of the alerts wing; they check shape, the acts and the database decide."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from incidents.alerts import silence
from incidents.alerts.sources import registry
from ownership.models import Service
from ownership.vocabulary import ComponentKind


class SourceForm(forms.Form):
    """A new source."""

    kind = forms.ChoiceField(label="What sends the alerts?", choices=registry.grouped)
    name = forms.CharField(
        label="Name", max_length=120, help_text="Tells it from all other sources, such as “Grafana, main cluster”."
    )


class SilenceForm(forms.Form):
    """After how many hours without a delivery people are told."""

    expected_hours = forms.IntegerField(
        label="Tell me when silent for",
        required=False,
        min_value=1,
        max_value=silence.LONGEST,
        help_text="Hours. Empty: it may be silent.",
        error_messages={
            "invalid": "Give a whole number of hours, or leave it empty.",
            "min_value": "Give at least 1 hour, or leave it empty.",
            "max_value": f"Give at most {silence.LONGEST} hours, or leave it empty.",
        },
    )


class AdoptForm(forms.Form):
    """What the alerts of an incident are about. `labels` are pairs that the alerts carry, the likeliest first."""

    label = forms.ChoiceField(
        label="Which label tells what it is?", help_text="Every later alert with it finds this component by itself."
    )
    name = forms.CharField(label="Component", max_length=120, help_text="What your people call it.")
    kind = forms.ChoiceField(label="Kind", choices=ComponentKind.choices, initial=ComponentKind.API)
    service = forms.ModelChoiceField(
        Service.objects.none(), label="Part of", empty_label="Choose a service", help_text="It brings who answers."
    )

    def __init__(self, *args: Any, labels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._labels = {f"{name}={value}": (name, value) for name, value in labels}
        cast("forms.ChoiceField", self.fields["label"]).choices = [(text, text) for text in self._labels]
        self.fields["name"].initial = labels[0][1] if labels else ""
        living = Service.objects.filter(retired_at=None).order_by("name")
        cast("forms.ModelChoiceField[Service]", self.fields["service"]).queryset = living

    def clean_label(self) -> tuple[str, str]:
        """The label as a pair."""
        return self._labels[self.cleaned_data["label"]]
