"""Short forms about a postmortem as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from incidents.postmortems.models import PostmortemTemplate
from incidents.postmortems.queries.offers import Offer
from web import wording
from web.forms import RadioCards


class TitleForm(forms.Form):
    """The postmortem's own title."""

    title = forms.CharField(label="Title", max_length=300, error_messages={"required": "Give it a title."})


class StartUnknownForm(forms.Form):
    """Why the start of the impact cannot be established."""

    reason = forms.CharField(
        label="Why can it not be established?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="What was looked at, and why it does not tell. Charts then count this incident as “start unknown”.",
        error_messages={"required": "Say why it cannot be established."},
    )


class WaiveForm(forms.Form):
    """Why an incident needs no postmortem."""

    reason = forms.CharField(
        label="No postmortem, because",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="It stands on the timeline and on the incident. Starting one later is possible.",
        error_messages={"required": "Say why it needs none."},
    )


class DeclineForm(forms.Form):
    """Why a proposed finding is none."""

    reason = forms.CharField(
        label="Why is this no finding?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why this is no finding."},
    )


class TemplateChoiceForm(forms.Form):
    """Which template a postmortem follows, by code; each with what it is for and how long it takes."""

    def __init__(self, *args: Any, offered: Sequence[Offer], help_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates = [one.template for one in offered]
        self.fields["template"] = forms.ChoiceField(
            label="Template",
            choices=[(one.code, one.name) for one in templates],
            widget=RadioCards(hints={one.code: hint(one) for one in templates}),
            help_text=help_text,
            error_messages={"required": "Choose a template.", "invalid_choice": "Choose one of these templates."},
        )

    @property
    def code(self) -> str:
        """The template's code."""
        return cast("str", self.cleaned_data["template"])


def hint(template: PostmortemTemplate) -> str:
    """What it is for, and about how long it takes."""
    took = f"About {wording.minutes(template.minutes)}." if template.minutes else ""
    return " ".join(filter(None, (template.about, took)))
