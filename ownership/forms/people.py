"""Forms about people, teams, tokens and the link with which somebody joins."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth import password_validation

from ownership.forms.fields import MemberField
from ownership.models import Person
from ownership.vocabulary import Role, TokenScope
from web.forms import RadioCards

ROLES = [(role.value, role.short) for role in Role]
ROLE_HINTS = {value: label.partition(": ")[2].capitalize() for value, label in Role.choices}
# A token of scope ingest is made on the command line, for a program rather than for oneself.
OWN_SCOPES = [(TokenScope.READ, TokenScope.READ.label), (TokenScope.WRITE, TokenScope.WRITE.label)]


class TeamForm(forms.Form):
    """A team's name."""

    name = forms.CharField(max_length=120)


class MemberForm(forms.Form):
    """A person to put into a team."""

    person = MemberField(label="Person", required=True, empty="Choose somebody")

    def __init__(self, *args: Any, team_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("MemberField", self.fields["person"]).besides(team_id)


class InviteForm(forms.Form):
    """Somebody to invite; they can be named as an owner before they first sign in."""

    email = forms.EmailField(label="E-mail", max_length=254)
    name = forms.CharField(max_length=120)
    role = forms.ChoiceField(choices=ROLES, initial=Role.RESPONDER, widget=RadioCards(hints=ROLE_HINTS))


class PersonForm(InviteForm):
    """A person's details as an admin corrects them."""

    field_order = ("name", "email", "role")


class NameForm(forms.Form):
    """One's own name."""

    name = forms.CharField(max_length=120)


class TokenForm(forms.Form):
    """A key for a program of one's own."""

    label = forms.CharField(label="What for", max_length=80, widget=forms.TextInput({"placeholder": "nightly export"}))
    scope = forms.ChoiceField(label="It may", choices=OWN_SCOPES, initial=TokenScope.READ)


class JoinForm(forms.Form):
    """What an invited person chooses for themselves."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 8 characters, not a common one.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Password again", strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        """The same password twice, and a good one for this person."""
        data = self.cleaned_data
        password, again = data.get("password"), data.get("again")
        if password and again and password != again:
            self.add_error("again", "The two passwords differ.")
        elif password:
            try:
                password_validation.validate_password(password, self.person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
