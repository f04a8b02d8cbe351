"""Fields that mean a row or a kind of value: a party, a component by its name, a share, a span, labels, an address."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from ownership.models import Component, Membership, Person, Team
from ownership.models.assignments import party_key
from ownership.queries import people
from web import wording

MOST_OFFERED = 300  # people and teams in one select; a page with thousands is slow to load and no help to anybody
NOBODY = "Choose somebody from the list, or type their e-mail"
LONGEST_SPAN = 10 * 365 * 1440  # minutes
_SPAN = re.compile(r"(\d{1,7})\s*(minutes?|min|m|hours?|h|days?|d|weeks?|w)?[\s,]*", re.IGNORECASE)
_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080}


def named(person: Person) -> str:
    """A person in a select: who is invited but not yet here, or no longer here, says so."""
    if not person.is_active:
        return f"{person} (left)"
    return f"{person} (invited)" if person.is_invited else str(person)


def party_choices(*, everybody: bool = False) -> list[tuple[str, Any]]:
    """Everybody who can answer for something, people and teams apart; `everybody` also who could once.

    Of more than MOST_OFFERED no more than show that there are.
    """
    present = {} if everybody else {"is_active": True}
    standing = {} if everybody else {"dissolved_at": None}
    some = Person.objects.filter(**present).order_by("name", "email", "pk")[: MOST_OFFERED + 1]
    persons = [(party_key(person), named(person)) for person in some]
    few = Team.objects.filter(**standing).order_by("name", "pk")[: MOST_OFFERED + 1]
    teams = [(party_key(team), team.name) for team in few]
    groups: list[tuple[str, Any]] = [("People", persons)] if persons else []
    groups += [("Teams", teams)] if teams else []
    return groups


def member_choices(**of: Any) -> list[tuple[str, Any]]:
    """The members of teams who are here, by team; `of` narrows. As many as of `party_choices`; one query."""
    members = Membership.objects.filter(person__is_active=True, team__dissolved_at=None, **of)
    groups: dict[str, list[tuple[str, str]]] = {}
    ordered = members.select_related("team", "person").order_by("team__name", "person__name", "pk")
    for one in ordered[: MOST_OFFERED + 1]:
        groups.setdefault(one.team.name, []).append((str(one.person_id), named(one.person)))
    return list(groups.items())


def person_choices(persons: QuerySet[Person]) -> list[tuple[str, Any]]:
    """These people by name, as many as of `party_choices`; one query."""
    some = persons.order_by("name", "email", "pk")[: MOST_OFFERED + 1]
    return [(str(person.pk), named(person)) for person in some]


class OfferSelect(forms.Select):
    """A select whose first choice is always the empty one; beyond MOST_OFFERED choices a field to type in.

    `typed` says of a choice's value what one would type to mean it, `hint` what that is.
    """

    def __init__(self, *, typed: Callable[[str], str], hint: str) -> None:
        super().__init__()
        self.typed, self.hint = typed, hint

    def use_required_attribute(self, initial: Any) -> bool:
        """Told without a look at the choices: they are read from the database, each time they are looked at."""
        return not self.is_hidden

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The choices are read once for it."""
        choices = list(self.choices)
        if _offered(choices) <= MOST_OFFERED:
            return forms.Select(self.attrs, choices=choices).render(name, value, attrs, renderer)
        field = forms.TextInput({**self.attrs, "autocomplete": "off", "placeholder": self.hint})
        return field.render(name, self.typed(str(value)) if value else "", attrs, renderer)


def _offered(choices: list[Any]) -> int:
    """How many there are, in groups or not, besides the empty one."""
    groups = [said for _, said in choices if not isinstance(said, str)]
    return len(choices) - len(groups) - 1 + sum(map(len, groups))


def _party_typed(value: str) -> str:
    found = people.party_named(value)
    return value if found is None else found.email if isinstance(found, Person) else found.name


def _person_typed(value: str) -> str:
    found = people.party_named(f"person:{value}")
    return found.email if isinstance(found, Person) else value


class PartyField(forms.ChoiceField):
    """One select for people and teams; its value is the Person or Team, None when left empty.

    A person's e-mail and a team's name mean them too: where there are too many to choose from, one types that.
    `everybody` also takes people who left and teams that are dissolved, to tell the past.
    """

    def __init__(self, *, empty: str, everybody: bool = False, **kwargs: Any) -> None:
        self.everybody = everybody
        widget = OfferSelect(typed=_party_typed, hint="A person's e-mail, or a team's name")
        super().__init__(choices=lambda: [("", empty), *party_choices(everybody=everybody)], widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        """The row behind `person:3` or `team:2`, or behind what was typed."""
        if not value:
            return None
        found = people.party_named(str(value)) or people.party_called(str(value), everybody=self.everybody)
        stays = found.is_active if isinstance(found, Person) else found is not None and found.dissolved_at is None
        if found is None or not (stays or self.everybody):
            raise ValidationError(f"{NOBODY}, or the name of a team.", code="invalid_choice")
        return found

    def validate(self, value: Any) -> None:
        """Required or not; that it exists is known by now."""
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")


class MemberField(forms.ChoiceField):
    """Somebody of a team, the teams as groups; its value is the Person, None when left empty.

    Their e-mail means them too, as in PartyField. Which team it must be is for the form to check. `everybody` also
    takes who left and who is in no team.
    """

    def __init__(self, *, empty: str = "–", required: bool = False, everybody: bool = False, **kwargs: Any) -> None:
        self.empty, self.everybody = empty, everybody
        widget = OfferSelect(typed=_person_typed, hint="Their e-mail")
        super().__init__(choices=self._offered, widget=widget, required=required, **kwargs)

    def _offered(self) -> list[tuple[str, Any]]:
        found = person_choices(Person.objects.all()) if self.everybody else member_choices()
        return [("", self.empty), *found]

    def only(self, team: Team) -> None:
        """Offer the members of one team."""
        groups = member_choices(team=team)
        self.choices = [("", self.empty), *(groups[0][1] if groups else [])]

    def besides(self, team_id: int) -> None:
        """Offer everybody who is here and not in this team."""
        others = Person.objects.filter(is_active=True).exclude(memberships__team=team_id)
        self.choices = lambda: [("", self.empty), *person_choices(others)]

    def to_python(self, value: Any) -> Any:
        """The person behind an id, or behind what was typed."""
        if not value:
            return None
        found = people.party_named(f"person:{value}") or people.person_called(str(value), everybody=self.everybody)
        if not isinstance(found, Person) or not (found.is_active or self.everybody):
            raise ValidationError(f"{NOBODY}.", code="invalid_choice")
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
