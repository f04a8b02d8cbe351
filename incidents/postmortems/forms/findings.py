"""The form of one finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from incidents.response.forms.evidence import AddressesField, Evidence
from incidents.response.models import Finding, Incident
from incidents.response.queries import modes
from incidents.response.vocabulary import CONFIDENCE_HELP, ROLE_HELP, Confidence, FindingRole, Layer
from ownership.models import Component, Dependency, Part, Person
from web.forms import RadioCards

EVIDENCE_MAX = 5000
Choices = list[tuple[str, Any]]


class FindingForm(forms.Form):
    """One finding: mode (which brings its layer), place, role, what shows it, confidence."""

    mode = forms.ChoiceField(
        label="Layer and mode",
        widget=forms.Select(attrs={"autofocus": True}),
        error_messages={"required": "Choose how it failed; the mode brings its layer."},
    )
    where = forms.ChoiceField(label="Where", required=False)
    role = forms.ChoiceField(
        label="Its part in the story",
        choices=FindingRole.choices,
        initial=FindingRole.CAUSE,
        widget=RadioCards(hints=ROLE_HELP),
    )
    confidence = forms.ChoiceField(
        label="How sure",
        choices=Confidence.choices,
        initial=Confidence.PROBABLE,
        widget=RadioCards(hints=CONFIDENCE_HELP),
    )
    evidence = forms.CharField(
        label="What shows it?",
        required=False,
        max_length=EVIDENCE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In words, or by pointing at something below. Markdown and links work.",
    )
    addresses = AddressesField()
    primary = forms.BooleanField(
        label="This is the primary finding", required=False, help_text="The one that charts count first."
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        viewer: Person,
        incident: Incident,
        finding: Finding | None = None,
        used: Iterable[str] = (),
    ) -> None:
        kept = finding.links if finding else ()
        self._pointing = Evidence(viewer, incident.pk, kept=kept, used=used)
        said = initial_of(finding) if finding else _suggested(incident)
        initial = {**said, "links": self._pointing.ticked, "addresses": self._pointing.lines}
        super().__init__(data, initial=initial, auto_id="finding_%s")
        self._modes = {mode.code: mode for mode in modes.offered(keep=str(initial.get("mode", "")))}
        cast("forms.ChoiceField", self.fields["mode"]).choices = _mode_choices(self._modes.values())
        cast("forms.ChoiceField", self.fields["where"]).choices = _place_choices(incident)
        if self._pointing.choices:
            self.fields["links"] = self._pointing.field()

    def clean(self) -> dict[str, Any]:
        """Words or a link: one of the two shows it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        spoiled = {"evidence", "links", "addresses"} & set(self.errors)
        pointed = [*self._pointing.chosen(cleaned.get("links", ())), *cleaned.get("addresses", ())]
        if not spoiled and not pointed and not cleaned.get("evidence", "").strip():
            self.add_error("evidence", "A reviewed finding needs evidence: what shows it?")
        cleaned["pointed"] = pointed
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """The fields of a finding, as the acts take them."""
        data = self.cleaned_data
        kind, _, number = data["where"].partition(":")
        return {
            "mode": self._modes[data["mode"]],
            "component": Component.objects.get(pk=number) if kind == "component" else None,
            "dependency": Dependency.objects.get(pk=number) if kind == "seam" else None,
            **{name: data[name] for name in ("role", "confidence", "primary")},
            "evidence": data["evidence"].replace("\r\n", "\n").strip(),
            "links": data["pointed"],
        }


def _suggested(incident: Incident) -> dict[str, Any]:
    """What a rule made of the alerts, while nobody has found anything else."""
    mode = incident.suggestion.get("mode")
    found = bool(mode) and Finding.objects.filter(incident=incident, superseded_at=None).exists()
    return {"mode": mode} if mode and not found else {}


def initial_of(finding: Finding) -> dict[str, Any]:
    """A finding as the form shows it."""
    where = f"component:{finding.component_id}" if finding.component_id else ""
    return {
        "mode": finding.mode_id or "",
        "where": f"seam:{finding.dependency_id}" if finding.dependency_id else where,
        **{name: getattr(finding, name) for name in ("role", "confidence", "evidence", "primary")},
        "seen": finding.pk,
    }


def _mode_choices(offered: Any) -> Choices:
    """Modes grouped by layer; each says its layer too, because a closed select shows no group."""
    groups: dict[str, Choices] = {layer.value: [] for layer in Layer}
    for mode in offered:
        groups[mode.layer].append((mode.code, f"{Layer(mode.layer).label}: {mode.name}"))
    return [("", "Choose"), *[(Layer(layer).label, group) for layer, group in groups.items() if group]]


def _place_choices(incident: Incident) -> Choices:
    """The service's parts on the request's path and the seams between them first, then every other component."""
    parts = Part.objects.filter(service=incident.service_id).select_related("component").order_by("position", "pk")
    inside = {part.component_id: part.component.name for part in parts} if incident.service_id else {}
    seams = Dependency.objects.filter(upstream__in=inside, downstream__in=inside)
    named = seams.select_related("upstream", "downstream").order_by("upstream__name", "downstream__name", "pk")
    others = Component.objects.filter(retired_at=None).exclude(pk__in=inside).order_by("name", "pk")
    choices: Choices = [("", "No single place")]
    for label, group in (
        (f"Parts of {incident.service}", [(f"component:{pk}", name) for pk, name in inside.items()]),
        (f"Seams of {incident.service}", [(f"seam:{seam.pk}", str(seam)) for seam in named] if inside else []),
        ("Other components", [(f"component:{other.pk}", other.name) for other in others]),
    ):
        if group:
            choices.append((label, group))
    return choices
