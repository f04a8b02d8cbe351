"""The form of an outgoing webhook; the act decides."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from web import registry


class WebhookForm(forms.Form):
    """Where to, and what it is told."""

    name = forms.CharField(label="Name", max_length=120, error_messages={"required": "Give it a name."})
    url = forms.CharField(
        label="Address",
        max_length=500,
        error_messages={"required": "Give its address."},
        help_text="Where messages are POSTed to, such as https://example.org/seamline.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label="Events",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "options"}),
        error_messages={"required": "Choose at least one event."},
    )
    private = forms.BooleanField(
        label="Also of private incidents",
        required=False,
        help_text="Whoever reads what is sent there can read them.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = registry.events()
        events = cast("forms.MultipleChoiceField", self.fields["events"])
        events.choices = [(one.name, f"{one.label} ({one.name})") for one in known]
        self.initial.setdefault("events", [one.name for one in known if not one.quiet])
