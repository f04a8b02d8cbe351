"""Forms about hand-overs."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from ownership.forms.fields import MemberField, PartyField
from ownership.models import Team
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


class AcceptForm(forms.Form):
    """Who of a team answers from then on; nothing to fill in for a person."""

    answering = MemberField(label="Who in the team answers", empty="Whoever accepts")

    def __init__(self, *args: Any, team: Team | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if team is None:
            del self.fields["answering"]
        else:
            cast("MemberField", self.fields["answering"]).only(team)


class DeclineForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label="Why not", max_length=2000, widget=forms.Textarea({"rows": 2}))
