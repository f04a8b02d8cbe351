"""The form that says why nobody needs to answer."""

from __future__ import annotations

from django import forms


class WaiveForm(forms.Form):
    """Why nobody needs to answer for something."""

    reason = forms.CharField(
        label="Why does nobody need to answer for it?",
        max_length=300,
        widget=forms.Textarea({"rows": 2, "placeholder": "Switched off at the end of the month; nothing calls it."}),
        help_text="Everybody reads this where the owner would stand.",
    )
