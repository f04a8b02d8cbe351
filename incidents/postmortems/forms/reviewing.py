"""The forms of a review: whom to ask, what a reviewer says, why it goes back, and amendments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.signing import BadSignature, Signer

from incidents.postmortems.amending import Draft
from incidents.postmortems.forms.sections import SECTION_MAX
from incidents.postmortems.models import Postmortem, Section
from incidents.postmortems.queries import marks
from incidents.postmortems.queries.review import Review
from incidents.postmortems.vocabulary import Answer
from incidents.response.forms.people import PersonField
from ownership.models import Person
from web.errors import Invalid
from web.forms import DayInput, EditorArea

PLACES = 3  # for reviewers at least; there is always an empty one
MOST = 12
_SIGNER = Signer(salt="what a reviewer has seen")


def signed(review: Review, person: Person) -> str:
    """What this person has before them, for their answer; of no use for another postmortem or to another person."""
    return _SIGNER.sign_object({"of": [review.postmortem.pk, person.pk], "marks": marks.of(review)})


def seen_in(said: str, postmortem: Postmortem, person: Person) -> dict[str, Any]:
    """The marks that `signed` gave to this person; Invalid for anything else."""
    try:
        found = _SIGNER.unsign_object(said)
    except BadSignature:
        found = {}
    if found.get("of") != [postmortem.pk, person.pk]:
        raise Invalid("Look at it as it stands now, then answer once more.", field="seen")
    seen: dict[str, Any] = found["marks"]
    return seen


class SendForm(forms.Form):
    """Who reviews it until when, and who leads the talk about it."""

    review_due_on = forms.DateField(
        label="Until",
        required=False,
        widget=DayInput,
        help_text="They are reminded on the day before, and when it is over.",
    )
    facilitator = PersonField(
        label="Facilitator",
        empty="Nobody yet",
        help_text="Leads the talk about it. Best somebody who did not work on the incident.",
    )

    def __init__(self, data: Any = None, *, postmortem: Postmortem, reviewers: Sequence[Person]) -> None:
        first = {"review_due_on": postmortem.review_due_on, "facilitator": postmortem.facilitator_id}
        first |= {f"reviewer_{index}": person.pk for index, person in enumerate(reviewers)}
        super().__init__(data, initial=first)
        self.places = [f"reviewer_{index}" for index in range(min(max(PLACES, len(reviewers) + 1), MOST))]
        for index, name in enumerate(self.places):
            label = "Reviewer" if index == 0 else f"Reviewer {index + 1}"
            self.fields[name] = PersonField(label=label, empty="Nobody", required=False)
        self.order_fields([*self.places, "review_due_on", "facilitator"])

    @property
    def said(self) -> dict[str, Any]:
        """As the act takes it."""
        data = self.cleaned_data
        named = [data[name] for name in self.places if data[name] is not None]
        return {"reviewers": named, "due_on": data["review_due_on"], "facilitator": data["facilitator"]}


class AnswerForm(forms.Form):
    """A reviewer approves or wants changes; `seen` says what they had before them."""

    comment = forms.CharField(
        label="What you think of it",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What convinced you, or what should change.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    answer = forms.ChoiceField(choices=Answer.choices, widget=forms.HiddenInput, required=False)

    @property
    def said(self) -> dict[str, Any]:
        """As the act takes it, but for what was seen."""
        return {"said": self.cleaned_data["answer"], "comment": self.cleaned_data["comment"]}


class TakeBackForm(forms.Form):
    """Why it goes back to being a draft."""

    reason = forms.CharField(
        label="Why does it go back?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="Who was asked reads it; what they answered stays.",
        error_messages={"required": "Say why it goes back."},
    )


class AmendForm(forms.Form):
    """Why published text changes, and the sections as they shall be; each with the revision it was written on."""

    reason = forms.CharField(
        label="Why is it amended?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands beside the change for everybody who reads it.",
        error_messages={"required": "Say why it is amended."},
    )

    def __init__(self, data: Any = None, *, sections: Sequence[Section]) -> None:
        super().__init__(data)
        self.sections = sections
        for section in sections:
            text = forms.CharField(
                label=section.heading,
                required=False,
                strip=False,
                max_length=SECTION_MAX,
                initial=section.text,
                widget=EditorArea,
            )
            self.fields[f"text_{section.key}"] = text
            self.fields[f"revision_{section.key}"] = forms.IntegerField(
                min_value=0, initial=section.revision, widget=forms.HiddenInput
            )

    @property
    def texts(self) -> dict[str, Draft]:
        """What each section shall say, as the act takes it."""
        data = self.cleaned_data
        return {one.key: Draft(data[f"text_{one.key}"], data[f"revision_{one.key}"]) for one in self.sections}

    def written_anew(self, theirs: Mapping[str, Section]) -> None:
        """Somebody was faster: sent once more, these texts replace what stands now."""
        stands = {f"revision_{key}": str(section.revision) for key, section in theirs.items()}
        self.data = {name: self.data.get(name) for name in self.data} | stands
