"""Fields that mean a row: a person or a team, a component by its name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ownership.models import Component, Person, Team


def party_key(party: Person | Team) -> str:
    """The option that stands for a person or a team: `person:3`."""
    return f"{'person' if isinstance(party, Person) else 'team'}:{party.pk}"


def party_choices() -> list[tuple[str, Any]]:
    """Everybody who can answer for something, people and teams apart; those invited but not yet here say so."""
    people = [
        (party_key(person), f"{person}" if person.joined_at else f"{person} (invited)")
        for person in Person.objects.filter(is_active=True).order_by("name", "email", "pk")
    ]
    teams = [(party_key(team), team.name) for team in Team.objects.order_by("name", "pk")]
    groups: list[tuple[str, Any]] = [("People", people)] if people else []
    groups += [("Teams", teams)] if teams else []
    return groups


class PartyField(forms.ChoiceField):
    """One select for people and teams; its value is the Person or Team, None when left empty."""

    def __init__(self, *, empty: str, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [("", empty), *party_choices()], **kwargs)

    def to_python(self, value: Any) -> Any:
        """The row behind `person:3` or `team:2`."""
        kind, _, key = str(value or "").partition(":")
        if not kind:
            return None
        found: Person | Team | None = None
        if key.isdecimal() and len(key) < 18:
            people, teams = Person.objects.filter(pk=key, is_active=True), Team.objects.filter(pk=key)
            found = people.first() if kind == "person" else teams.first() if kind == "team" else None
        if found is None:
            raise ValidationError("Choose somebody from the list.", code="invalid_choice")
        return found

    def validate(self, value: Any) -> None:
        """Required or not; that it exists is known by now."""
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")


class ComponentNameField(forms.CharField):
    """A living component, typed by its name in whatever case."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"list": "components", "autocomplete": "off"}
        super().__init__(max_length=120, widget=forms.TextInput(attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        """The component, or an error that says how to get one."""
        name = " ".join(str(super().clean(value)).split())
        if not name:
            return None
        found = Component.objects.filter(name__iexact=name, retired_at=None).first()
        if found is None:
            raise ValidationError("No component is called that; add it first, or check its spelling.", code="unknown")
        return found
