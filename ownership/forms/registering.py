"""The form for a whole new service: it begins with what an archetype is usually made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.forms import BoundField

from ownership import registering
from ownership.archetypes import ArchetypePlan, PlannedPart, PlannedSeam
from ownership.cataloguing import Link, SeamTraits
from ownership.forms.components import attempts_field, share_field, timeout_field
from ownership.forms.fields import AddressField, PartyField, SpanField
from ownership.forms.services import ServiceDetailsForm
from ownership.models import Component
from ownership.registering import NewPart, NewSeam
from ownership.vocabulary import Archetype, ComponentKind, DependencyKind, LinkKind, PartRole

ROWS = ("1", "2", "3", "4")  # empty rows for parts that the archetype does not know
LINKS = (LinkKind.RUNBOOK, LinkKind.DASHBOARD, LinkKind.ROLLBACK)
NEW_KINDS = [("", "What kind?"), *ComponentKind.choices]
# What is asked about a seam of each kind, by the names of SeamTraits.
ASKED = {
    DependencyKind.CALL: ("timeout_ms", "attempts", "latency_share"),
    DependencyKind.DATA: ("unit", "freshness_minutes"),
    DependencyKind.EVENT: ("unit", "freshness_minutes"),
    DependencyKind.BUILD: (),
}


@dataclass(frozen=True)
class PartRow:
    """A part to keep, name or strike; `planned` is None in the empty rows, `joins` the component that it would be."""

    name: BoundField
    kind: BoundField
    role: BoundField
    keep: BoundField | None = None
    planned: PlannedPart | None = None
    joins: Component | None = None


@dataclass(frozen=True)
class SeamRow:
    """A seam to keep or strike, between two planned parts, with what is asked about it."""

    planned: PlannedSeam
    upstream: PlannedPart
    downstream: PlannedPart
    keep: BoundField
    asked: list[BoundField]


class NewServiceForm(ServiceDetailsForm):
    """Details, promises, parts and seams of the archetype, who answers, and what is at hand when it fails."""

    accountable = PartyField(
        empty="Nobody yet",
        label="Who answers for it",
        required=False,
        help_text="A person or a team. Empty while nobody has agreed: it then stands in red until somebody does.",
    )
    runbook = AddressField(label="Runbook", required=False)
    dashboard = AddressField(label="Dashboard", required=False)
    rollback = AddressField(label="How to roll back", required=False)

    def __init__(self, *args: Any, plan: ArchetypePlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan, self.known = plan, dict[str, Component]()
        self.fields["archetype"] = forms.ChoiceField(
            choices=Archetype.choices, required=False, widget=forms.HiddenInput, initial=plan.archetype
        )
        for name in ("objective", "latency_budget_ms", "latency_percentile"):
            self.fields[name].initial = getattr(plan, name)
        self.fields["name"].widget.attrs["placeholder"] = plan.example
        self.fields["outcome"].widget.attrs["placeholder"] = plan.outcome
        for part in plan.parts:
            self._add_planned(part)
        for row in ROWS:
            self._add_part(row, f"Part {row}", NEW_KINDS)
        for place, seam in enumerate(plan.seams):
            self._add_seam(place, seam)

    def _add_planned(self, part: PlannedPart) -> None:
        self.fields[f"keep_{part.key}"] = forms.BooleanField(label=part.name, required=False, initial=True)
        self._add_part(part.key, part.name, ComponentKind.choices, kind=part.kind, role=part.role)
        own = {"placeholder": self.own_name(part), "data-own-name": part.name}
        self.fields[f"part_{part.key}"].widget.attrs.update(own)

    def _add_part(self, key: str, label: str, kinds: Any, *, kind: str = "", role: str = PartRole.CRITICAL) -> None:
        attrs = {"list": "components", "autocomplete": "off", "aria-label": f"Name of {label}"}
        widget = forms.TextInput(attrs)
        self.fields[f"part_{key}"] = forms.CharField(
            label=f"Name of {label}", required=False, max_length=120, widget=widget
        )
        for name, choices, initial in ((f"kind_{key}", kinds, kind), (f"role_{key}", PartRole.choices, role)):
            says = f"{name.partition('_')[0].capitalize()} of {label}"
            select = forms.Select({"aria-label": says})
            self.fields[name] = forms.ChoiceField(
                label=says, required=False, choices=choices, initial=initial, widget=select
            )

    def _add_seam(self, place: int, seam: PlannedSeam) -> None:
        names = {part.key: part.name for part in self.plan.parts}
        label = f"{names[seam.upstream]} → {names[seam.downstream]}"
        self.fields[f"seam_{place}"] = forms.BooleanField(label=label, required=False, initial=True)
        asked: dict[str, forms.Field] = {
            "timeout_ms": timeout_field("Timeout, ms"),
            "attempts": attempts_field(),
            "latency_share": share_field("Share, %"),
            "unit": forms.CharField(label="Unit or meaning", required=False, max_length=200),
            "freshness_minutes": SpanField(label="At most this old", required=False),
        }
        for trait in ASKED[seam.kind]:
            field = asked[trait]
            field.initial = getattr(seam, trait)
            self.fields[f"{trait}_{place}"] = field

    def own_name(self, part: PlannedPart) -> str:
        """What the part is called when its name is left empty."""
        said = " ".join(str(self.data.get("name", "")).split()) if self.is_bound else ""
        return registering.own_name(said or "…", part.name)

    def planned_rows(self) -> Iterator[PartRow]:
        """The archetype's parts, for the template."""
        for part in self.plan.parts:
            yield self._row(part.key, keep=self[f"keep_{part.key}"], planned=part)

    def more_rows(self) -> Iterator[PartRow]:
        """Empty rows, for the template."""
        for key in ROWS:
            yield self._row(key)

    def _row(self, key: str, **more: Any) -> PartRow:
        name = self[f"part_{key}"]
        joins = self.known.get(" ".join(str(name.value() or "").split()).lower())
        return PartRow(name, self[f"kind_{key}"], self[f"role_{key}"], joins=joins, **more)

    def seam_rows(self) -> Iterator[SeamRow]:
        """The archetype's seams, for the template."""
        parts = {part.key: part for part in self.plan.parts}
        for place, seam in enumerate(self.plan.seams):
            asked = [self[f"{trait}_{place}"] for trait in ASKED[seam.kind]]
            yield SeamRow(seam, parts[seam.upstream], parts[seam.downstream], self[f"seam_{place}"], asked)

    def clean(self) -> dict[str, Any]:
        """Parts in order, seams between those that are kept, links."""
        data = super().clean()
        typed = {key: " ".join(data.get(f"part_{key}", "").split()) for key in self._keys()}
        self.known = registering.known(typed.values())
        parts: dict[str, NewPart] = {}
        for key, name in typed.items():
            part = self._part(key, name, {one.name.lower() for one in parts.values() if not one.own})
            if part:
                parts[key] = part
        data["archetype"] = data.get("archetype") or self.plan.archetype.value
        data["parts"] = list(parts.values())
        data["seams"] = list(self._seams(list(parts)))
        data["links"] = [Link(kind, LinkKind(kind).label, data[kind]) for kind in LINKS if data.get(kind)]
        return data

    def _keys(self) -> list[str]:
        return [*(part.key for part in self.plan.parts if self.cleaned_data.get(f"keep_{part.key}")), *ROWS]

    def _part(self, key: str, name: str, above: set[str]) -> NewPart | None:
        """The part of one row; None for an empty row and for one that cannot be used, which then says so."""
        planned = next((part for part in self.plan.parts if part.key == key), None)
        kind = self.cleaned_data.get(f"kind_{key}") or (planned.kind.value if planned else "")
        role = self.cleaned_data.get(f"role_{key}") or (planned.role.value if planned else PartRole.CRITICAL.value)
        if not name:
            return NewPart(planned.name, kind, role, own=True) if planned else None
        joined = self.known.get(name.lower())
        if name.lower() in above:
            self.add_error(f"part_{key}", "This part stands above already.")
        elif joined is None and not kind:
            self.add_error(f"kind_{key}", f"Say what kind of part {name} is.")
        else:
            return NewPart(name, joined.kind if joined else kind, role)
        return None

    def _seams(self, kept: list[str]) -> Iterator[NewSeam]:
        for place, seam in enumerate(self.plan.seams):
            if self.cleaned_data.get(f"seam_{place}") and {seam.upstream, seam.downstream} <= set(kept):
                said = {trait: self.cleaned_data.get(f"{trait}_{place}") for trait in ASKED[seam.kind]}
                traits = cast("SeamTraits", {trait: value for trait, value in said.items() if value})
                yield NewSeam(kept.index(seam.upstream), kept.index(seam.downstream), seam.kind, traits)

    def facts(self) -> dict[str, Any]:
        """What `registering.register` takes."""
        wanted = (
            "name", "outcome", "tier", "archetype", "objective", "latency_budget_ms", "latency_percentile",
            "accountable", "links", "parts", "seams",
        )  # fmt: skip
        return {name: self.cleaned_data[name] for name in wanted}

    def joined(self) -> list[str]:
        """Names of the components that were there before and are now part of this service, too."""
        parts: list[NewPart] = self.cleaned_data["parts"]
        return [
            self.known[part.name.lower()].name for part in parts if not part.own and part.name.lower() in self.known
        ]
