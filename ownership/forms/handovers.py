"""Forms about hand-overs."""

from __future__ import annotations

from django import forms

from ownership.forms.fields import PartyField
from web.forms import MomentInput


class HandOverForm(forms.Form):
    """Who is asked to take over, from when on, and what they should know."""

    to = PartyField(label="To", empty="Choose somebody", help_text="They are asked; nothing changes until they accept.")
    effective_at = forms.DateTimeField(
        label="From",
        required=False,
        widget=MomentInput(),
        help_text="Empty: from the moment they accept. A past time says that it has been so since then.",
    )
    note = forms.CharField(
        label="What they should know",
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 4, "placeholder": "Why, and what is unfinished."}),
    )


class DeclineForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label="Why not", max_length=2000, widget=forms.Textarea({"rows": 2}))
