"""Recording a change by hand, saying it otherwise, withdrawing it."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.alerts.change_models import Change, ChangeKind
from incidents.response.forms.acts import service_field
from ownership.forms.fields import ComponentNameField
from web.forms import MomentInput

ROWS = {"rows": 3}


class ChangeForm(forms.Form):
    """What changed, where, when, from what to what."""

    title = forms.CharField(
        label="What changed?",
        max_length=300,
        help_text="One line, such as “Answer prompt v42”.",
        error_messages={"required": "Say what changed."},
    )
    kind = forms.ChoiceField(label="Kind", choices=ChangeKind.choices, initial=ChangeKind.CONFIG)
    component = ComponentNameField(
        label="Component", required=False, help_text="Its name. Left empty, the change is listed as unplaced."
    )
    service = service_field(
        label="Or a whole service", required=False, empty_label="None", help_text="For a change that is no one part's."
    )
    at = forms.DateTimeField(
        label="When did it take effect?",
        required=False,
        widget=MomentInput,
        help_text="Empty means now; it may be last week. In your time zone.",
    )
    before = forms.CharField(label="Before", required=False, max_length=300, help_text="Such as the version that was.")
    after = forms.CharField(label="After", required=False, max_length=300, help_text="Such as the version that is.")
    who = forms.CharField(label="Who made it", required=False, max_length=200, help_text="A person, or a program.")
    link = forms.URLField(
        label="Link",
        required=False,
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput({"placeholder": "https://"}),
        help_text="The pull request, the run, the release.",
    )
    description = forms.CharField(
        label="More about it",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(ROWS),
        help_text="Markdown works.",
    )

    def clean(self) -> dict[str, Any]:
        """One place at most."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("component") and cleaned.get("service"):
            self.add_error("service", "Name a component or a service, not both.")
        return cleaned


class CorrectForm(ChangeForm):
    """The same with what is on record; `seen` is the version that was looked at."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def initial_of(change: Change) -> dict[str, Any]:
        """A change as the form shows it."""
        names = ("title", "kind", "at", "before", "after", "who", "link", "description", "service")
        told = {name: getattr(change, name) for name in names}
        return {**told, "component": change.component.name if change.component else "", "seen": change.pk}


class WithdrawForm(forms.Form):
    """Why a change never was."""

    why = forms.CharField(
        label="Why is it withdrawn?",
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text="It leaves every list and stays on record with this.",
        error_messages={"required": "Say why it is withdrawn; that stays on record."},
    )
