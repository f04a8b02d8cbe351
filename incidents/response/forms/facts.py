"""How far an incident went, in numbers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms

from incidents.response import impacts
from incidents.response.impacts import Facts
from incidents.response.models import ImpactFacts
from incidents.response.vocabulary import Green
from web.forms import RadioCards

NAMES = tuple(field.name for field in fields(Facts))
MOST = 10**15


def _percent(label: str, help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=100, max_digits=6, decimal_places=3, help_text=help_text
    )


def _count(label: str, help_text: str = "", *, most: int = MOST) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=most, help_text=help_text)


class FactsForm(forms.Form):
    """What is known; what is left empty stays not known."""

    slice = forms.CharField(
        label="Who or what was hit", required=False, max_length=200, help_text="A part of the traffic: EN tickets."
    )
    share_from = _percent("Share of the traffic, %", "Empty means not known.")
    share_until = _percent("At most, %", "Only when no better is known.")
    bad_count = _count("Bad answers", "How many were wrong and went out as if they were fine.")
    reproduced = _count("It happened again", "How often, of the tries.", most=10**9)
    tries = _count("Of so many tries", most=10**9)
    monitors_green = forms.ChoiceField(
        label="Were the monitors green meanwhile?",
        choices=Green.choices,
        initial=Green.UNKNOWN,
        widget=RadioCards,
        help_text="If so, how long it was wrong unseen follows from the times.",
    )
    prompt_version = forms.CharField(label="Prompt version", required=False, max_length=120)
    model_version = forms.CharField(label="Model version", required=False, max_length=120)
    index_version = forms.CharField(label="Index version", required=False, max_length=120)

    written_on = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(facts: ImpactFacts | None) -> dict[str, Any]:
        """What is known so far, and its stamp; an exact share stands in one field."""
        seen = {"written_on": impacts.facts_stamp(facts)}
        if facts is None:
            return seen
        known = seen | {name: getattr(facts, name) for name in NAMES}
        for name in ("share_from", "share_until"):
            known[name] = known[name] and f"{known[name].normalize():f}"
        if facts.share_from == facts.share_until:
            known["share_until"] = None
        return known

    def clean(self) -> dict[str, Any]:
        """Pairs are whole and in order, each miss said beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        least, most = cleaned.get("share_from"), cleaned.get("share_until")
        if most is not None and least is None and "share_from" not in self.errors:
            self.add_error("share_from", "Give the least it can have been; 0 if nothing speaks against it.")
        elif most is not None and least is not None and most < least:
            self.add_error("share_until", "This must not be below the first share.")
        again, tries = cleaned.get("reproduced"), cleaned.get("tries")
        if (again is None) != (tries is None) and not {"reproduced", "tries"} & set(self.errors):
            self.add_error("tries" if tries is None else "reproduced", "Give both: how often of how many tries.")
        elif tries == 0:
            self.add_error("tries", "Leave both empty if it was not tried.")
        elif again is not None and tries is not None and again > tries:
            self.add_error("reproduced", "This cannot be more than the tries.")
        return cleaned

    def said(self) -> dict[str, Any]:
        """As the act takes it."""
        facts = Facts(**{name: self.cleaned_data[name] for name in NAMES})
        return {"facts": facts, "written_on": self.cleaned_data["written_on"] or None}
