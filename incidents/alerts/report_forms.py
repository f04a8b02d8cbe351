"""The short form of a report, and the one that calls it no problem."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django import forms

from incidents.alerts import reporting
from ownership.models import Service
from web.forms import RadioCards

WORDS = {"rows": 3}


class ReportForm(forms.Form):
    """It answered this, I expected that. `key` tells a second click from a second report."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    service = forms.ModelChoiceField(
        Service.objects.none(),
        label="Which service answered?",
        required=False,
        empty_label="I do not know",
        to_field_name="slug",
    )
    where = forms.CharField(
        label="Where did you see it?",
        required=False,
        max_length=reporting.SHORT,
        help_text="Such as “chat on the help page”. Everybody here can read this line.",
    )
    asked = forms.CharField(
        label="What was asked?", required=False, max_length=reporting.LONGEST, widget=forms.Textarea(WORDS)
    )
    answered = forms.CharField(
        label="What did it answer?", required=False, max_length=reporting.LONGEST, widget=forms.Textarea(WORDS)
    )
    expected = forms.CharField(
        label="What did you expect?", required=False, max_length=reporting.LONGEST, widget=forms.Textarea(WORDS)
    )
    by = forms.ChoiceField(
        label="Who noticed?",
        choices=[("user", "A user"), ("colleague", "I did, or a colleague")],
        initial="colleague",
        widget=RadioCards,
    )
    trace_id = forms.CharField(
        label="Trace id", required=False, max_length=reporting.SHORT, help_text="The request or conversation id."
    )
    prompt_version = forms.CharField(label="Prompt version", required=False, max_length=reporting.SHORT)
    model_version = forms.CharField(label="Model version", required=False, max_length=reporting.SHORT)
    index_version = forms.CharField(label="Index version", required=False, max_length=reporting.SHORT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        living = Service.objects.filter(retired_at=None).order_by("name")
        cast("forms.ModelChoiceField[Service]", self.fields["service"]).queryset = living

    def said(self) -> reporting.Said:
        """What the person says, as the act takes it."""
        names = reporting.Said.__dataclass_fields__
        return reporting.Said(**{name: self.cleaned_data[name] for name in names})


class DismissForm(forms.Form):
    """Why a report is not a problem."""

    why = forms.CharField(
        label="Why is it not a problem?",
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Who filed it reads this. It stays on record and counts in no pattern.",
        error_messages={"required": "Say why it is not a problem; who filed it reads that."},
    )
