"""Forms about who holds which role, since when, and who of a team answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from django import forms
from django.utils import timezone

from ownership import speaking
from ownership.forms.fields import MemberField, PartyField
from ownership.models import Team
from ownership.vocabulary import AssignmentRole
from web.errors import Invalid, put_on
from web.forms import MomentInput

ANSWERING = [
    (AssignmentRole.ACCOUNTABLE, "Answers for it"),
    (AssignmentRole.DEPUTY, "Deputy"),
    (AssignmentRole.ESCALATION, "Next to call"),
]
# A component has one team that looks after it among its details; whoever is added here does so beside that team.
LOOKS_AFTER = {"service": "Looks after it", "component": "Also looks after it", "dependency": "Looks after it"}
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
WHO = "Who in the team answers"
ONLY_TEAMS = "Only for a team"


def roles_of(kind: str) -> list[tuple[str, str]]:
    """The roles to choose from, in the words of this kind of subject."""
    return [*[(role.value, words) for role, words in ANSWERING], (AssignmentRole.CUSTODIAN.value, LOOKS_AFTER[kind])]


class _PastField(forms.DateTimeField):
    """A time that has been; what lies ahead is a hand-over, not a fact."""

    def __init__(self, *, label: str, required: bool = False, **kwargs: Any) -> None:
        super().__init__(label=label, required=required, widget=MomentInput(), **kwargs)

    def clean(self, value: Any) -> Any:
        """The time, refused when it lies ahead or is surely mistyped."""
        at = super().clean(value)
        if at is not None and at > timezone.now():
            raise forms.ValidationError("This lies ahead; enter it once it is so.", code="ahead")
        if at is not None and at < EARLIEST:
            raise forms.ValidationError("This lies before the year 2000; is the year right?", code="absurd")
        return at


class AnsweringForm(forms.Form):
    """Somebody of a team, who answers for it."""

    answering = MemberField(label=WHO, required=True, empty="Choose somebody")

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("MemberField", self.fields["answering"]).only(team)


class AssignForm(forms.Form):
    """Who holds which role, from when on."""

    party = PartyField(label="Who", empty="Choose somebody")
    answering = MemberField(label="Who in the team", empty=ONLY_TEAMS)
    role = forms.ChoiceField(label="As")
    since = _PastField(label="Since, if not now")
    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["role"]).choices = roles_of(kind)

    def clean(self) -> dict[str, Any]:
        """Now when no time is given; a team that is accountable names one person."""
        data = self.cleaned_data
        data["since"] = data.get("since") or timezone.now()
        _name_one(self, required=data.get("role") == AssignmentRole.ACCOUNTABLE)
        return data


class ReplaceForm(forms.Form):
    """Who holds a role instead, from when on."""

    party = PartyField(label="Who instead", empty="Choose somebody")
    answering = MemberField(label=WHO, empty=ONLY_TEAMS)
    at = _PastField(label="From, if not now")

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role = role

    def clean(self) -> dict[str, Any]:
        """Now when no time is given; a team that is accountable names one person."""
        data = self.cleaned_data
        data["at"] = data.get("at") or timezone.now()
        _name_one(self, required=self.role == AssignmentRole.ACCOUNTABLE)
        return data


class EndForm(forms.Form):
    """When a role ended."""

    at = _PastField(label="Until, if not now")

    def clean_at(self) -> Any:
        """Now when left empty."""
        return self.cleaned_data["at"] or timezone.now()


class CorrectForm(forms.Form):
    """What was true all along; people who left can be named, for it is the past."""

    party = PartyField(
        label="Who it was",
        empty="Nobody: it never was so",
        required=False,
        everybody=True,
    )
    answering = MemberField(label="Who in the team answered", empty=ONLY_TEAMS, everybody=True)
    since = _PastField(label="Since")
    until = forms.DateTimeField(label="Until", required=False, widget=MomentInput(), help_text="Empty: it goes on.")

    def clean(self) -> dict[str, Any]:
        """A party needs its beginning, and an end after it."""
        data = self.cleaned_data
        for name in {"since", "until"} & data.keys():
            data[name] = self._exactly(name)
        since, until = data.get("since"), data.get("until")
        if data.get("party") and not since and "since" in data:
            self.add_error("since", "Say since when they held it.")
        if since and until and until <= since:
            self.add_error("until", "It must end after it began.")
        if data.get("answering") and not isinstance(data.get("party"), Team):
            self.add_error("answering", speaking.ALONE)
        return data

    def _exactly(self, name: str) -> datetime | None:
        """What was given; the very instant on record where it was left as shown, for the browser knows minutes only."""
        given: datetime | None = self.cleaned_data[name]
        on_record: datetime | None = self.initial.get(name)
        if given and on_record and on_record.replace(second=0, microsecond=0) == given:
            return on_record
        return given


def _name_one(form: forms.Form, *, required: bool) -> None:
    party = form.cleaned_data.get("party")
    if party is None or "answering" not in form.cleaned_data:
        return
    try:
        form.cleaned_data["answering"] = speaking.answering_of(party, form.cleaned_data["answering"], required=required)
    except Invalid as error:
        put_on(form, error)


class AsOfForm(forms.Form):
    """An instant, and with the knowledge of when; by GET, so that an answer has an address."""

    at = forms.DateTimeField(label="Who answered at", required=False, widget=MomentInput())
    known_at = forms.DateTimeField(
        label="As known at",
        required=False,
        widget=MomentInput(),
        help_text="Empty: as known at that same instant.",
    )

    def clean(self) -> dict[str, Any]:
        """Years that a calendar of this house can have."""
        for name in ("at", "known_at"):
            at = self.cleaned_data.get(name)
            if at is not None and not 2000 <= at.year < 2200:
                self.add_error(name, "Give a year from 2000 on; is it right?")
        return self.cleaned_data
