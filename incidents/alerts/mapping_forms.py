"""The form in which a source's mapping is written and tried."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from incidents.alerts.models import Delivery
from incidents.alerts.queries import mapping_trials
from incidents.alerts.sources import mapping
from web.wording import moment

CODE = {"class": "code", "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


class MappingForm(forms.Form):
    """A mapping, and what to try it on: one of the source's newest deliveries, or a pasted body, which goes first."""

    text = forms.CharField(
        label="Mapping",
        max_length=mapping.TEXT_LENGTH,
        strip=False,
        widget=forms.Textarea({**CODE, "rows": 26}),
        help_text="TOML; each field is a JMESPath expression on what was sent.",
        error_messages={"required": "The mapping is empty; write one, or go back to the default."},
    )
    over = forms.IntegerField(required=False, widget=forms.HiddenInput)
    delivery = forms.CharField(label="Try it on", required=False, widget=forms.Select)
    body = forms.CharField(
        label="Or paste a body",
        required=False,
        strip=False,
        max_length=mapping_trials.LONGEST,
        widget=forms.Textarea({**CODE, "rows": 5}),
        help_text="It is read, not kept.",
    )

    def __init__(self, *args: Any, offered: list[Delivery], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        choices = [(str(one.pk), _label(one, now)) for one in offered]
        select = self.fields["delivery"].widget
        select.choices = choices or [("", "Nothing came yet")]

    def clean_delivery(self) -> UUID | None:
        """Its id; None for what is none, so that an old choice never stands in the way of saving."""
        try:
            return UUID(self.cleaned_data["delivery"])
        except ValueError:
            return None


def _label(one: Delivery, now: datetime) -> str:
    size = getattr(one, "size", 0)
    return f"{moment(one.received_at, now=now)} · {one.get_state_display().lower()} · {size} bytes"
