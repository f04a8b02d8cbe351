"""The forms of an action, and of a reason for none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils import timezone

from incidents.postmortems import acting
from incidents.postmortems.checking import name_of
from incidents.postmortems.models import Action, ActionKind, Priority
from incidents.response.models import Finding
from ownership.models import Person, Team
from ownership.queries.owners import Answering
from web.forms import DayInput

Choices = list[tuple[str, Any]]
DUE_HELP = "Publishing asks for it. Empty: the day that its priority promises, counted from today."
DUE_HELP_LATER = "Publishing asks for it."
SAID = ("title", "kind", "priority", "due_on", "done_when")


class ActionForm(forms.Form):
    """What will be done, by whom, until when, and when it counts as done."""

    title = forms.CharField(
        label="What will be done",
        max_length=300,
        widget=forms.TextInput(attrs={"autofocus": True}),
        help_text="A verb and how far it goes: “Alert when over 1 % of answers cite nothing”.",
        error_messages={"required": "Say what will be done."},
    )
    kind = forms.ChoiceField(label="Kind", choices=ActionKind.choices, initial=ActionKind.OTHER)
    priority = forms.ChoiceField(
        label="Priority",
        choices=Priority.choices,
        initial=Priority.NORMAL,
        help_text="High is promised within 4 weeks of today, normal within 8; low promises no day.",
    )
    finding = forms.ChoiceField(label="For which finding", required=False)
    owner = forms.ChoiceField(label="Who does it", required=False, help_text="Publishing asks for it.")
    due_on = forms.DateField(label="Due", required=False, widget=DayInput, help_text=DUE_HELP)
    done_when = forms.CharField(
        label="Done when", required=False, max_length=300, help_text="What will show that it holds?"
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        findings: Sequence[Finding],
        answering: Answering,
        action: Action | None = None,
        finding_line: str = "",
    ) -> None:
        holder = answering.asked.party if answering.asked else None  # whoever stands in, while nobody answers
        initial = _initial_of_action(action) if action else {"owner": party_key(holder), "finding": finding_line}
        super().__init__(data, initial=initial, auto_id="action_%s")
        self._findings = {str(finding.line): finding for finding in findings}
        named = [(line, f"{finding.layer}: {name_of(finding)}") for line, finding in self._findings.items()]
        cast("forms.ChoiceField", self.fields["finding"]).choices = [("", "None of them"), *named]
        if action:
            self.fields[
                "priority"
            ].help_text = "High is promised within 4 weeks of the day it was added, normal within 8."
            self.fields["due_on"].help_text = DUE_HELP_LATER
        self._is_new = action is None
        held = party_choices(action.party if action else None)
        cast("forms.ChoiceField", self.fields["owner"]).choices = held

    @property
    def said(self) -> dict[str, Any]:
        """The fields of an action, as the acts take them."""
        data = self.cleaned_data
        if self._is_new and data["due_on"] is None:
            data["due_on"] = acting.promised(data["priority"], on=timezone.localdate())
        kind, _, number = data["owner"].partition(":")
        finding = self._findings.get(data["finding"])
        return {
            **{name: data[name] for name in SAID},
            "owner": Person.objects.get(pk=number) if kind == "person" else None,
            "owner_team": Team.objects.get(pk=number) if kind == "team" else None,
            "finding_line": finding.line if finding else None,
        }

    def written_anew(self, theirs: Action) -> None:
        """Somebody was faster: sent once more, this replaces what stands now."""
        self.data = {**{name: self.data.get(name) for name in self.data}, "seen": acting.version_of(theirs)}


def _initial_of_action(action: Action) -> dict[str, Any]:
    return {
        **{name: getattr(action, name) for name in SAID},
        "finding": str(action.finding_line or ""),
        "owner": party_key(action.party),
        "seen": acting.version_of(action),
    }


def party_key(party: Person | Team | None) -> str:
    """A person or team as one value of a select."""
    if party is None:
        return ""
    return f"{'person' if isinstance(party, Person) else 'team'}:{party.pk}"


def party_choices(holder: Person | Team | None = None) -> Choices:
    """Teams and the people who are here; who holds it now stays a choice although they left."""
    teams = [(party_key(team), team.name) for team in Team.objects.filter(dissolved_at=None).order_by("name", "pk")]
    people = [(party_key(one), str(one)) for one in Person.objects.filter(is_active=True).order_by("name", "pk")]
    if holder is not None and party_key(holder) not in dict([*teams, *people]):
        people.append((party_key(holder), f"{holder} (left)"))
    groups = [("Teams", teams), ("People", people)]
    return [("", "Not yet known"), *[(label, group) for label, group in groups if group]]


class ReasonForm(forms.Form):
    """Why nothing will be done about a finding."""

    reason = forms.CharField(
        label="Why nothing will be done",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why nothing will be done about it."},
    )
