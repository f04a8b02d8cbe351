"""Naming another incident: to merge into it, or to link with it; and the reason for making one private."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.response.queries import visible
from incidents.response.vocabulary import LinkKind, MergeReason
from ownership.models import Person
from web.forms import RadioCards

NO_NUMBER = 19  # digits; what is longer is no number that the database can hold


class IncidentField(forms.CharField):
    """An incident by its number, `INC-481` or `481`, of those that the `viewer` may see."""

    viewer: Person

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"list": "open-incidents", "autocomplete": "off", "placeholder": "INC-481"}
        super().__init__(max_length=24, widget=forms.TextInput(attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        """The incident, None when left empty."""
        said = str(super().clean(value)).strip().upper().removeprefix("INC-")
        if not said:
            return None
        is_number = said.isascii() and said.isdecimal() and len(said) < NO_NUMBER
        found = visible.to(self.viewer).filter(pk=int(said)).first() if is_number else None
        if found is None:
            raise forms.ValidationError("There is no incident with this number.", code="unknown")
        return found


class _ForViewer(forms.Form):
    """Its incidents are those that the viewer may see."""

    def __init__(self, *args: Any, viewer: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, IncidentField):
                field.viewer = viewer


class MergeForm(_ForViewer):
    """Where an incident's story goes on, and why."""

    into = IncidentField(label="Into incident", error_messages={"required": "Say which one it goes on in."})
    reason = forms.ChoiceField(
        label="Because", choices=MergeReason.choices, initial=MergeReason.SAME, widget=RadioCards
    )
    why = forms.CharField(
        label="In your words", required=False, max_length=300, help_text="It stands on both timelines."
    )


class LinkForm(_ForViewer):
    """What an incident has to do with another; `caused` is `caused_by` read from the other end."""

    kind = forms.ChoiceField(
        label="It",
        choices=[
            (LinkKind.RELATES_TO, "relates to"),
            (LinkKind.CAUSED_BY, "was caused by"),
            ("caused", "caused"),
            (LinkKind.DUPLICATE_OF, "is a duplicate of"),
        ],
        widget=RadioCards,
        initial=LinkKind.RELATES_TO,
    )
    other = IncidentField(label="Incident", error_messages={"required": "Say which incident."})


class ReasonForm(forms.Form):
    """Why who may see it changes."""

    reason = forms.CharField(
        label="Why",
        max_length=300,
        error_messages={"required": "Say why."},
        help_text="It stands on the timeline, for those who may see it.",
    )
