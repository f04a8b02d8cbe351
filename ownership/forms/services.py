"""Forms about services, their parts, links and owners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from ownership.cataloguing import Link
from ownership.forms.fields import PartyField
from ownership.models import Component
from ownership.registering import NewPart
from ownership.vocabulary import AssignmentRole, ComponentKind, LinkKind, PartRole, Tier
from web.forms import MomentInput, RadioCards

ROWS = 6
EXAMPLES = ("Gateway", "Retriever", "Answer model")
TIERS = [(tier.value, tier.short) for tier in Tier]
TIER_HINTS = {value: label.partition(": ")[2].capitalize() for value, label in Tier.choices}
NEW_KINDS = [("", "What kind?"), *ComponentKind.choices]
ANSWERING = [
    (AssignmentRole.ACCOUNTABLE, "Answers for it"),
    (AssignmentRole.DEPUTY, "Deputy"),
    (AssignmentRole.ESCALATION, "Next to call"),
]


def _address(label: str, **kwargs: Any) -> forms.URLField:
    return forms.URLField(
        label=label,
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput({"placeholder": "https://"}),
        **kwargs,
    )


class ServiceDetailsForm(forms.Form):
    """What a service is called, what users get from it, and how much it matters."""

    name = forms.CharField(max_length=120, widget=forms.TextInput({"placeholder": "Support answers"}))
    outcome = forms.CharField(
        label="What users get when it works",
        max_length=300,
        help_text="One sentence that somebody can answer for, in users' words.",
        widget=forms.Textarea(
            {"rows": 2, "placeholder": "Customers get a correct answer with its source in under two seconds."}
        ),
    )
    tier = forms.ChoiceField(
        label="How much it matters", choices=TIERS, initial=Tier.T2, widget=RadioCards(hints=TIER_HINTS)
    )


class NewServiceForm(ServiceDetailsForm):
    """A whole service at once: details, who answers, links, and up to six parts on its path."""

    accountable = PartyField(
        empty="Nobody yet",
        label="Who answers for it",
        required=False,
        help_text="A person or a team. Empty while nobody has agreed: it then stands in red until somebody does.",
    )
    runbook = _address("Runbook")
    dashboard = _address("Dashboard")
    rollback = _address("How to roll back")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(1, ROWS + 1):
            self.fields[f"part_{row}"] = forms.CharField(
                label=f"Part {row}",
                required=False,
                max_length=120,
                widget=forms.TextInput(
                    {
                        "list": "components",
                        "autocomplete": "off",
                        "aria-label": f"Part {row}",
                        "placeholder": EXAMPLES[row - 1] if row <= len(EXAMPLES) else "",
                    }
                ),
            )
            self.fields[f"kind_{row}"] = forms.ChoiceField(
                label=f"Kind of part {row}",
                required=False,
                choices=NEW_KINDS,
                widget=forms.Select({"aria-label": f"Kind of part {row}"}),
            )

    def part_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """Name and kind of each row, for the template."""
        for row in range(1, ROWS + 1):
            yield self[f"part_{row}"], self[f"kind_{row}"]

    def clean(self) -> dict[str, Any]:
        """Parts in order; a name needs a kind unless the component exists, and comes once."""
        data = self.cleaned_data
        names = [" ".join(data.get(f"part_{row}", "").split()) for row in range(1, ROWS + 1)]
        known = _known_kinds(names)
        parts: list[NewPart] = []
        for row, name in enumerate(names, 1):
            kind = data.get(f"kind_{row}", "")
            if not name:
                continue
            if name.lower() in {part.name.lower() for part in parts}:
                self.add_error(f"part_{row}", "This part stands above already.")
            elif not kind and name.lower() not in known:
                self.add_error(f"kind_{row}", f"Say what kind of part {name} is.")
            else:
                parts.append(NewPart(name, kind or known[name.lower()]))
        data["parts"] = parts
        data["links"] = [Link(kind, LinkKind(kind).label, data[kind]) for kind in _LINKS if data.get(kind)]
        return data

    def facts(self) -> dict[str, Any]:
        """What `registering.register` takes."""
        wanted = ("name", "outcome", "tier", "accountable", "links", "parts")
        return {key: self.cleaned_data[key] for key in wanted}


_LINKS = (LinkKind.RUNBOOK, LinkKind.DASHBOARD, LinkKind.ROLLBACK)


def _known_kinds(names: list[str]) -> dict[str, str]:
    """Kinds of the living components with these names, by name in lower case."""
    wanted = [name.lower() for name in names if name]
    rows = Component.objects.filter(retired_at=None).annotate(lower=Lower("name")).filter(lower__in=wanted)
    return {component.name.lower(): component.kind for component in rows}


class PartForm(forms.Form):
    """A part to add: one that exists by its name, or a new one with its kind."""

    component = forms.CharField(
        label="Component",
        max_length=120,
        widget=forms.TextInput({"list": "components", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(required=False, choices=[("", "It exists already"), *ComponentKind.choices])
    role = forms.ChoiceField(label="What it is here", choices=PartRole.choices, initial=PartRole.CRITICAL)

    def clean(self) -> dict[str, Any]:
        """A name that is not known needs a kind."""
        data = self.cleaned_data
        name = " ".join(data.get("component", "").split())
        known = _known_kinds([name])
        if name and not data.get("kind") and name.lower() not in known:
            self.add_error("kind", f"There is no {name} yet: choose its kind to make it, or check the name.")
        elif name and "role" in data:
            data["part"] = NewPart(name, known.get(name.lower()) or data["kind"], data["role"])
        return data


class PartAliasForm(forms.Form):
    """A label of alerts that means one of the service's parts."""

    part = forms.ModelChoiceField(Component.objects.none(), label="Part", empty_label=None)
    system = forms.CharField(label="Label", max_length=80, initial="component")
    key = forms.CharField(label="Value", max_length=200)

    def __init__(self, *args: Any, components: QuerySet[Component], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].queryset = components  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """Something to have at hand."""

    kind = forms.ChoiceField(label="Leads to", choices=LinkKind.choices)
    url = forms.URLField(
        label="Address", max_length=500, assume_scheme="https", widget=forms.URLInput({"placeholder": "https://"})
    )
    label = forms.CharField(label="In words", required=False, max_length=120)


class AssignForm(forms.Form):
    """Who holds which role, from when on."""

    party = PartyField(label="Who", empty="Choose somebody")
    role = forms.ChoiceField(label="As", choices=ANSWERING)
    since = forms.DateTimeField(label="Since, if not now", required=False, widget=MomentInput())
    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def clean_since(self) -> Any:
        """Now when left empty; what lies ahead is a hand-over, not a fact."""
        since = self.cleaned_data["since"] or timezone.now()
        if since > timezone.now():
            raise forms.ValidationError("This lies ahead; enter it once it is so.", code="ahead")
        return since
