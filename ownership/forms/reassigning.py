"""The form of the list of what wants a new owner."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from ownership.forms.fields import PartyField
from ownership.models import Assignment
from ownership.queries import vacancies
from web.errors import DomainError

HOW = [("ask", "Ask them"), ("give", "Assign now"), ("end", "End these roles")]
PAGE = 50  # roles at once: as many as the page shows, so that one request does only so much
MOST_ELSE = 150  # things of other rooms, each of which shows up to PAGE


class Changed(DomainError):
    """Somebody changed this list meanwhile; look again."""

    code = "outdated"


class _Ticked(forms.MultipleChoiceField):
    """Boxes that were ticked, at most so many; what they stand for is looked up afterwards."""

    def __init__(self, *, most: int) -> None:
        super().__init__(required=False)
        self.most = most

    def valid_value(self, value: Any) -> bool:
        """Any short text."""
        return len(str(value)) < 60

    def validate(self, value: Any) -> None:
        """None is allowed here: the act says what is missing."""
        super().validate(value)
        if len(value) > self.most:
            raise forms.ValidationError(
                f"At most {PAGE} roles go at once, a page of them; give these first and then the rest.",
                code="too_many",
            )


class ReassignForm(forms.Form):
    """What was ticked, who gets it, and whether they are asked first."""

    row = _Ticked(most=PAGE)
    item = _Ticked(most=MOST_ELSE)
    to = PartyField(label="New owner", empty="Choose somebody")
    how = forms.ChoiceField(choices=HOW)

    def clean(self) -> dict[str, Any]:
        """Somebody is named, unless roles are ended."""
        if self.cleaned_data.get("how") == "end":
            self.errors.pop("to", None)
        return self.cleaned_data

    def assignments(self, *, now: datetime) -> list[Assignment]:
        """The rows that were ticked; Changed when one is no longer as it was shown."""
        ids = {int(value) for value in self.cleaned_data["row"] if value.isdecimal() and len(value) < 18}
        rows = list(vacancies.standing(ids, at=now))
        if len(rows) != len(set(self.cleaned_data["row"])):
            raise Changed
        return rows
