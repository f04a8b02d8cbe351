"""What each step of an action asks before it is taken."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.postmortems.models import Action, Evidence, HeldAnswer, TicketState
from web.forms import DayInput


class StepForm(forms.Form):
    """What a step asks; its fields carry the action in their ids, because several may stand on a page."""

    def __init__(self, data: Any = None, *, action: Action, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"step_{action.pk}_%s", **kwargs)
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True

    @property
    def said(self) -> dict[str, Any]:
        """As the act takes it."""
        return dict(self.cleaned_data)


class ReasonedForm(StepForm):
    """A reason in one or two sentences."""

    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why; everybody who reads the action reads it."},
    )


class SnoozeForm(ReasonedForm):
    """Until when reminders are silent, and why."""

    until = forms.DateField(
        label="No reminders before",
        widget=DayInput,
        help_text="The due date stays; how often it was snoozed is told beside it.",
        error_messages={"required": "Choose the day on which reminders begin again."},
    )
    field_order = ("until", "reason")


class VerifyForm(StepForm):
    """What shows that it holds, where that is, and what it says."""

    evidence = forms.ChoiceField(label="What shows it", choices=Evidence.choices)
    ref = forms.CharField(
        label="Where",
        max_length=500,
        help_text="An address; of a replayed alert also its number or the id of its delivery.",
        error_messages={"required": "Say where the evidence is."},
    )
    note = forms.CharField(
        label="What it says",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what the evidence shows."},
    )


class TicketForm(StepForm):
    """Where the work is tracked, and how far it is there."""

    url = forms.CharField(
        label="Ticket",
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text="Never fetched: say below what you saw. Empty takes it off.",
    )
    state = forms.ChoiceField(label="State there", choices=TicketState.choices)

    def __init__(self, data: Any = None, *, action: Action, **kwargs: Any) -> None:
        initial = {"url": action.ticket_url, "state": action.ticket_state or TicketState.OPEN}
        super().__init__(data, action=action, initial=initial, **kwargs)


class HeldForm(forms.Form):
    """Whether an earlier action held, and what shows it."""

    answer = forms.ChoiceField(
        label="Did it hold?",
        choices=HeldAnswer.choices,
        widget=forms.RadioSelect(attrs={"class": "options"}),
        error_messages={"required": "Choose one of the answers."},
    )
    note = forms.CharField(
        label="What shows it", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
