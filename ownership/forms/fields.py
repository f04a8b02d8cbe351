"""Fields that mean a row or a kind of value: a party, a component by its name, a share, a span, labels, an address."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ownership.models import Component, Membership, Person, Team
from ownership.models.assignments import party_key
from ownership.queries import people
from web import wording

LONGEST_SPAN = 10 * 365 * 1440  # minutes
_SPAN = re.compile(r"(\d{1,7})\s*(minutes?|min|m|hours?|h|days?|d|weeks?|w)?[\s,]*", re.IGNORECASE)
_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080}


def named(person: Person) -> str:
    """A person in a select: who is invited but not yet here, or no longer here, says so."""
    if not person.is_active:
        return f"{person} (left)"
    return f"{person} (invited)" if person.is_invited else str(person)


def party_choices(*, everybody: bool = False) -> list[tuple[str, Any]]:
    """Everybody who can answer for something, people and teams apart; `everybody` also who could once."""
    present = {} if everybody else {"is_active": True}
    standing = {} if everybody else {"dissolved_at": None}
    persons = [
        (party_key(person), named(person))
        for person in Person.objects.filter(**present).order_by("name", "email", "pk")
    ]
    teams = [(party_key(team), team.name) for team in Team.objects.filter(**standing).order_by("name", "pk")]
    groups: list[tuple[str, Any]] = [("People", persons)] if persons else []
    groups += [("Teams", teams)] if teams else []
    return groups


def member_choices() -> list[tuple[str, Any]]:
    """The members of teams who are here, by team; one query."""
    members = Membership.objects.filter(person__is_active=True, team__dissolved_at=None)
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in members.select_related("team", "person").order_by("team__name", "person__name", "pk"):
        groups.setdefault(one.team.name, []).append((str(one.person_id), named(one.person)))
    return list(groups.items())


def anybody_choices() -> list[tuple[str, Any]]:
    """Everybody who is or was here; one query."""
    return [(str(person.pk), named(person)) for person in Person.objects.order_by("name", "email", "pk")]


class OfferSelect(forms.Select):
    """A select whose first choice is always the empty one."""

    def use_required_attribute(self, initial: Any) -> bool:
        """Told without a look at the choices: they are read from the database, each time they are looked at."""
        return not self.is_hidden


class PartyField(forms.ChoiceField):
    """One select for people and teams; its value is the Person or Team, None when left empty.

    `everybody` also offers people who left and teams that are dissolved, to tell the past.
    """

    widget = OfferSelect

    def __init__(self, *, empty: str, everybody: bool = False, **kwargs: Any) -> None:
        self.everybody = everybody
        super().__init__(choices=lambda: [("", empty), *party_choices(everybody=everybody)], **kwargs)

    def to_python(self, value: Any) -> Any:
        """The row behind `person:3` or `team:2`."""
        if not value:
            return None
        found = people.party_named(str(value))
        stays = found.is_active if isinstance(found, Person) else found is not None and found.dissolved_at is None
        if found is None or not (stays or self.everybody):
            raise ValidationError("Choose somebody from the list.", code="invalid_choice")
        return found

    def validate(self, value: Any) -> None:
        """Required or not; that it exists is known by now."""
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")


class MemberField(forms.ChoiceField):
    """Somebody of a team, the teams as groups; its value is the Person, None when left empty.

    Which team it must be is for the form to check. `everybody` also offers who left and who is in no team.
    """

    widget = OfferSelect

    def __init__(self, *, empty: str = "–", required: bool = False, everybody: bool = False, **kwargs: Any) -> None:
        self.empty, self.everybody = empty, everybody
        offered = anybody_choices if everybody else member_choices
        super().__init__(choices=lambda: [("", empty), *offered()], required=required, **kwargs)

    def only(self, team: Team) -> None:
        """Offer the members of one team."""
        members = dict(member_choices()).get(team.name, []) if team.dissolved_at is None else []
        self.choices = [("", self.empty), *members]

    def to_python(self, value: Any) -> Any:
        """The person behind an id."""
        key = str(value or "")
        if not key:
            return None
        anybody = Person.objects.all() if self.everybody else Person.objects.filter(is_active=True)
        found = anybody.filter(pk=key).first() if key.isdecimal() and len(key) < 18 else None
        if found is None:
            raise ValidationError("Choose somebody from the list.", code="invalid_choice")
        return found

    def validate(self, value: Any) -> None:
        """Required or not; that they exist is known by now."""
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


class PercentField(forms.DecimalField):
    """A share in percent, above 0; `99.5` and `99.5 %` alike."""

    def __init__(self, *, highest: str = "99.999", places: int = 3, **kwargs: Any) -> None:
        super().__init__(
            max_digits=6,
            decimal_places=places,
            min_value=Decimal(1).scaleb(-places),
            max_value=Decimal(highest),
            widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        """Without the sign."""
        return super().to_python(value.strip().removesuffix("%").strip() if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        """As people write it: 99.5, not 99.500."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class SpanField(forms.Field):
    """A span in minutes, typed as `90`, `2 h`, `1 d` or `1 day 12 hours`; its value is an int, None when left empty."""

    def to_python(self, value: Any) -> Any:
        """Minutes."""
        text = str(value or "").strip()
        if not text:
            return None
        found = list(_SPAN.finditer(text))
        if "".join(one.group(0) for one in found) != text or (len(found) > 1 and not all(one[2] for one in found)):
            raise ValidationError("Give minutes, or a span such as 2 h or 1 day.", code="invalid")
        total = sum(int(one[1]) * _MINUTES[(one[2] or "m")[0].lower()] for one in found)
        if not 0 < total <= LONGEST_SPAN:
            raise ValidationError("Give a span between one minute and ten years.", code="invalid")
        return total

    def prepare_value(self, value: Any) -> Any:
        """Minutes in words; what somebody typed stays as it is."""
        return wording.minutes(value) if isinstance(value, int) else value


class LabelsField(forms.Field):
    """Labels as lines of `key: value`; its value is a dictionary. An error names its line."""

    empty_values = (None, "")
    widget = forms.Textarea({"rows": 3, "placeholder": "team: search\nregion: eu", "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        """The pairs by key."""
        labels: dict[str, str] = {}
        for number, line in enumerate(str(value or "").splitlines(), 1):
            key, colon, said = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            if not (key and colon and said):
                raise ValidationError(f"Line {number}: write it as key: value.", code="invalid")
            if key in labels:
                raise ValidationError(f"Line {number}: {key} stands above already.", code="invalid")
            labels[key] = said
        return labels

    def prepare_value(self, value: Any) -> Any:
        """A line for each label; what somebody typed stays as it is."""
        return "\n".join(f"{key}: {said}" for key, said in value.items()) if isinstance(value, dict) else value


class AddressField(forms.URLField):
    """A web address; https when left open."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.URLInput({"placeholder": "https://"})
        super().__init__(max_length=500, assume_scheme="https", widget=widget, **kwargs)
