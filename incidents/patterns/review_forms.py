"""The forms of a review: holding one, deciding something in it, and its notes."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.patterns.review_models import PatternReview
from incidents.patterns.reviewing import LONGEST_NOTES, LONGEST_TITLE
from incidents.postmortems.models import ActionKind
from incidents.response.forms.people import PersonField
from ownership.forms.fields import PartyField
from ownership.models import Person
from web.forms import DayInput

PLACES = tuple(f"person_{index}" for index in range(4))


class HoldForm(forms.Form):
    """What the review is called, who takes part, and what is to be noted from the start."""

    title = forms.CharField(
        label="Title", max_length=LONGEST_TITLE, error_messages={"required": "Give the review a title."}
    )
    notes = forms.CharField(
        label="Notes",
        required=False,
        max_length=LONGEST_NOTES,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="They can be written on until the review is closed.",
    )

    def __init__(self, data: Any = None, *, title: str) -> None:
        super().__init__(data, initial={"title": title})
        for index, name in enumerate(PLACES):
            label = "Takes part" if index == 0 else f"Takes part, {index + 1}"
            self.fields[name] = PersonField(label=label, empty="Nobody", required=False)
        self.order_fields(["title", *PLACES, "notes"])

    @property
    def places(self) -> list[forms.BoundField]:
        """The fields of who takes part."""
        return [self[name] for name in PLACES]

    @property
    def said(self) -> dict[str, Any]:
        """As the act takes it."""
        data = self.cleaned_data
        people: list[Person] = [data[name] for name in PLACES if data[name] is not None]
        return {"title": data["title"], "notes": data["notes"], "people": people}


class DecisionForm(forms.Form):
    """What was decided, of which kind, who does it, until when."""

    title = forms.CharField(
        label="What was decided",
        max_length=300,
        help_text="A verb and how far it goes: “Set a timeout below 5 s on every call to retrieval”.",
        error_messages={"required": "Say what will be done."},
    )
    kind = forms.ChoiceField(label="Kind", choices=ActionKind.choices, initial=ActionKind.OTHER)
    owner = PartyField(label="Who does it", empty="Choose somebody", error_messages={"required": "Say who does it."})
    due_on = forms.DateField(label="Due", widget=DayInput, error_messages={"required": "Say until when."})
    done_when = forms.CharField(
        label="Done when", required=False, max_length=300, help_text="What will show that it holds?"
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="decision_%s")

    @property
    def said(self) -> dict[str, Any]:
        """As the act takes it."""
        data = self.cleaned_data
        party = data["owner"]
        of = {"owner": party} if isinstance(party, Person) else {"owner_team": party}
        return {**{name: data[name] for name in ("title", "kind", "due_on", "done_when")}, **of}


class NotesForm(forms.Form):
    """What was said."""

    notes = forms.CharField(
        label="Notes", required=False, max_length=LONGEST_NOTES, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, data: Any = None, *, review: PatternReview) -> None:
        super().__init__(data, initial={"notes": review.notes}, auto_id="said_%s")
