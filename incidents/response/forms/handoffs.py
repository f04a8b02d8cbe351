"""Giving somebody the ball."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from ownership.forms.fields import MemberField, person_choices
from ownership.models import Person
from ownership.vocabulary import Role


class HandOffForm(forms.Form):
    """To whom, and why."""

    to = MemberField(
        label="Who has the ball from now on?",
        required=True,
        error_messages={"required": "Choose who has it from now on."},
    )
    reason = forms.CharField(
        label="Why, and what is next?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="They read it first: what is done, what you would do next.",
        error_messages={"required": "Say why, in a few words: what is done, what is next."},
    )

    def __init__(self, *args: Any, holder: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Person.objects.filter(is_active=True).exclude(role=Role.VIEWER).exclude(pk=holder.pk if holder else 0)
        field = cast("MemberField", self.fields["to"])
        field.choices = lambda: [("", "Choose somebody"), *person_choices(others)]
