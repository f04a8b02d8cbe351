"""Bringing somebody in, and giving a role."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.response.vocabulary import IncidentRole
from ownership.forms.fields import MemberField, person_choices
from ownership.models import Person


class PersonField(MemberField):
    """Anybody who is here."""

    def _offered(self) -> list[tuple[str, Any]]:
        return [("", self.empty), *person_choices(Person.objects.filter(is_active=True))]


class PeopleForm(forms.Form):
    """Who does what from now on; without a person the role is free."""

    role = forms.ChoiceField(
        label="As",
        choices=[(role.value, role.label) for role in reversed(IncidentRole)],
        initial=IncidentRole.PARTICIPANT,
        help_text="Of lead, communications and scribe there is one at a time.",
    )
    person = PersonField(label="Who", empty="Nobody")

    def clean(self) -> dict[str, Any]:
        """A participant is somebody."""
        said = super().clean() or {}
        if said.get("role") == IncidentRole.PARTICIPANT and "person" in said and said["person"] is None:
            self.add_error("person", "Choose who takes part.")
        return said
