"""Acknowledging and resolving several incidents at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict

from incidents.response.bulk import MOST, Found
from incidents.response.forms.resolving import ResolveForm, mode_choices, suggested
from incidents.response.models import FailureMode, Incident
from incidents.response.vocabulary import BLAMES
from web import registry

EACH = "suggested"
BLAME = [("", "say later"), *BLAMES]


def numbers_of(said: QueryDict) -> list[int]:
    """The numbers that were ticked, each once, at most one more than can be worked on; no number is left out."""
    ticked = [int(text) for text in said.getlist("number") if text.isdecimal() and len(text) < 18]
    return list(dict.fromkeys(ticked))[: MOST + 1]


class NumbersField(forms.Field):
    """Numbers of incidents, at least one; who may see them is the act's to ask."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[int]:
        """As numbers, each once."""
        ticked = [int(text) for text in value or [] if str(text).isdecimal() and len(str(text)) < 18]
        return list(dict.fromkeys(ticked))


class AcknowledgeForm(forms.Form):
    """Which, and what is suspected first; "not known yet" is an answer, empty is none."""

    number = NumbersField(error_messages={"required": "Tick at least one incident."})
    first_blame = forms.ChoiceField(required=False, choices=BLAME)


class BulkResolveForm(ResolveForm):
    """As for one incident; "what failed" may be what each one's alerts suggest, and each has its own ticks."""

    def __init__(self, *args: Any, incidents: Sequence[Incident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incidents = [one for one in incidents if one.resolved_at is None]
        self.over = [one for one in incidents if one.resolved_at is not None]
        against = registry.guards_for("resolve", [one.pk for one in self.incidents])
        self.suggestions = {one.pk: what for one in self.incidents if (what := suggested(one))}
        if self.suggestions:
            choices = [("", "Not known"), (EACH, "Of each what its alerts suggest"), *mode_choices()[1:]]
            cast("forms.ChoiceField", self.fields["what"]).choices = choices
            self.initial.setdefault("what", EACH)
        self.ticks_of: dict[int, list[tuple[str, str]]] = {}
        for number, guards in against.items():
            for guard in guards:
                name = f"{guard.code}-{number}"
                self.ticks_of.setdefault(number, []).append((name, guard.code))
                self.fields[name] = forms.BooleanField(required=False, label=guard.label, help_text=guard.hint)

    @property
    def rows(self) -> list[tuple[Incident, list[forms.BoundField]]]:
        """Each incident with the ticks of what speaks against resolving it."""
        return [(one, [self[name] for name, _ in self.ticks_of.get(one.pk, [])]) for one in self.incidents]

    def acting(self) -> dict[str, Any]:
        """What `bulk.resolve` takes: one query for the modes."""
        data = self.cleaned_data
        said = {one.pk: data["what"] for one in self.incidents}
        if data["what"] == EACH:
            said = self.suggestions
        modes = FailureMode.objects.in_bulk({what for what in said.values() if "." in what})
        found = {
            number: Found(modes[what].layer if what in modes else what.partition(".")[0], modes.get(what))
            for number, what in said.items()
            if what
        }
        ticked = {number: [code for name, code in names if data.get(name)] for number, names in self.ticks_of.items()}
        return {"at": data["resolved_at"], "found": found, "evidence": data["evidence"], "despite": ticked}
