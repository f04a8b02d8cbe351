"""Forms of the postmortems wing; they check shape, the acts and the database decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from incidents.alerts import suspecting
from incidents.alerts.queries import upstream
from incidents.postmortems.models import Action, ActionKind
from incidents.postmortems.publishing import name_of
from incidents.response.models import FailureMode, Finding, Incident
from incidents.response.vocabulary import Confidence, FindingRole, Layer
from ownership.models import Component, Dependency, Part, Person, Team
from ownership.queries.owners import Answering
from web.forms import DayInput

SECTION_MAX = 200_000
EVIDENCE_MAX = 5000
Choices = list[tuple[str, Any]]


class SectionForm(forms.Form):
    """A section's text and the revision it was written on; `keep_over` names the revision it shall replace."""

    text = forms.CharField(required=False, strip=False, max_length=SECTION_MAX)
    revision = forms.IntegerField(min_value=0)
    keep_over = forms.IntegerField(min_value=0, required=False)

    @property
    def on_revision(self) -> int:
        """The revision that the text may replace."""
        over, written_on = self.cleaned_data["keep_over"], self.cleaned_data["revision"]
        return int(written_on if over is None else over)


class TitleForm(forms.Form):
    """The postmortem's own title."""

    title = forms.CharField(label="Title", max_length=300, error_messages={"required": "Give it a title."})


class FindingForm(forms.Form):
    """One finding: mode (which brings its layer), place, role, evidence, confidence."""

    mode = forms.ChoiceField(
        label="Layer and mode",
        widget=forms.Select(attrs={"autofocus": True}),
        error_messages={"required": "Choose how it failed; the mode brings its layer."},
    )
    where = forms.ChoiceField(label="Where", required=False)
    role = forms.ChoiceField(label="Its part in the story", choices=FindingRole.choices, initial=FindingRole.CAUSE)
    confidence = forms.ChoiceField(label="How sure", choices=Confidence.choices, initial=Confidence.PROBABLE)
    evidence = forms.CharField(
        label="What shows it?",
        max_length=EVIDENCE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A trace, a graph, a change, a transcript. Markdown and links work.",
        error_messages={"required": "A reviewed finding needs evidence: what shows it?"},
    )
    suspects = forms.MultipleChoiceField(
        label="Suspected changes that show it",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "options"}),
        help_text="A link to each is added to the evidence.",
    )
    primary = forms.BooleanField(
        label="This is the primary finding", required=False, help_text="The one that charts count first."
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, incident: Incident, finding: Finding | None = None) -> None:
        initial = initial_of(finding) if finding else _suggested(incident)
        super().__init__(data, initial=initial, auto_id="finding_%s")
        self._modes = {mode.code: mode for mode in FailureMode.objects.order_by("-built_in", "name")}
        cast("forms.ChoiceField", self.fields["mode"]).choices = _mode_choices(self._modes.values())
        cast("forms.ChoiceField", self.fields["where"]).choices = _place_choices(incident)
        self._suspects = {str(change.line): change for change in upstream.suspected(incident.pk)}
        named = [(line, suspecting.words(change)) for line, change in self._suspects.items()]
        cast("forms.MultipleChoiceField", self.fields["suspects"]).choices = named
        if not named:
            del self.fields["suspects"]

    def clean(self) -> dict[str, Any]:
        """A suspected change alone is evidence enough."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        links = [suspecting.linked(self._suspects[line]) for line in cleaned.get("suspects", ())]
        said = self.data.get("evidence", "").replace("\r\n", "\n").strip()
        if links and len(said) <= EVIDENCE_MAX:
            fresh = [f"Change: {link}" for link in links if link not in said]
            cleaned["evidence"] = "\n\n".join([said, *fresh] if said else fresh)
            self.errors.pop("evidence", None)
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


def _mode_choices(modes: Any) -> Choices:
    """Modes grouped by layer; each says its layer too, because a closed select shows no group."""
    groups: dict[str, Choices] = {layer.value: [] for layer in Layer}
    for mode in modes:
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


class ActionForm(forms.Form):
    """What will be done, by whom, until when, and when it counts as done."""

    title = forms.CharField(
        label="What will be done",
        max_length=300,
        widget=forms.TextInput(attrs={"autofocus": True}),
        help_text="A verb and how far it goes: “Alert when over 1 % of answers cite nothing”.",
        error_messages={"required": "Say what will be done."},
    )
    kind = forms.ChoiceField(label="Kind", choices=ActionKind.choices, initial=ActionKind.OTHER)
    finding = forms.ChoiceField(label="For which finding", required=False)
    owner = forms.ChoiceField(label="Who does it", required=False, help_text="Publishing asks for it.")
    due_on = forms.DateField(label="Due", required=False, widget=DayInput, help_text="Publishing asks for it.")
    done_when = forms.CharField(
        label="Done when", required=False, max_length=300, help_text="What will show that it holds?"
    )

    def __init__(
        self,
        data: Any = None,
        *,
        findings: Sequence[Finding],
        answering: Answering,
        action: Action | None = None,
        finding_line: str = "",
    ) -> None:
        holder = answering.asked.party if answering.asked else None  # whoever stands in, while nobody answers
        initial = _initial_of_action(action) if action else {"owner": party_key(holder), "finding": finding_line}
        super().__init__(data, initial=initial, auto_id="action_%s")
        self._findings = {str(finding.line): finding for finding in findings}
        named = [(line, f"{finding.layer}: {name_of(finding)}") for line, finding in self._findings.items()]
        cast("forms.ChoiceField", self.fields["finding"]).choices = [("", "None of them"), *named]
        held = party_choices(action.party if action else None)
        cast("forms.ChoiceField", self.fields["owner"]).choices = held

    @property
    def said(self) -> dict[str, Any]:
        """The fields of an action, as the acts take them."""
        data = self.cleaned_data
        kind, _, number = data["owner"].partition(":")
        finding = self._findings.get(data["finding"])
        return {
            **{name: data[name] for name in ("title", "kind", "due_on", "done_when")},
            "owner": Person.objects.get(pk=number) if kind == "person" else None,
            "owner_team": Team.objects.get(pk=number) if kind == "team" else None,
            "finding_line": finding.line if finding else None,
        }


def _initial_of_action(action: Action) -> dict[str, Any]:
    return {
        **{name: getattr(action, name) for name in ("title", "kind", "due_on", "done_when")},
        "finding": str(action.finding_line or ""),
        "owner": party_key(action.party),
    }


def party_key(party: Person | Team | None) -> str:
    """A person or team as one value of a select."""
    if party is None:
        return ""
    return f"{'person' if isinstance(party, Person) else 'team'}:{party.pk}"


def party_choices(holder: Person | Team | None = None) -> Choices:
    """Teams and the people who are here; who holds it now stays a choice although they left."""
    teams = [(party_key(team), team.name) for team in Team.objects.filter(dissolved_at=None).order_by("name", "pk")]
    people = [(party_key(one), str(one)) for one in Person.objects.filter(is_active=True).order_by("name", "pk")]
    if holder is not None and party_key(holder) not in dict([*teams, *people]):
        people.append((party_key(holder), f"{holder} (left)"))
    groups = [("Teams", teams), ("People", people)]
    return [("", "Not yet known"), *[(label, group) for label, group in groups if group]]


class ReasonForm(forms.Form):
    """Why nothing will be done about a finding."""

    reason = forms.CharField(
        label="Why nothing will be done",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why nothing will be done about it."},
    )


class StartUnknownForm(forms.Form):
    """Why the start of the impact cannot be established."""

    reason = forms.CharField(
        label="Why can it not be established?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="What was looked at, and why it does not tell. Charts then count this incident as “start unknown”.",
        error_messages={"required": "Say why it cannot be established."},
    )


class WaiveForm(forms.Form):
    """Why an incident needs no postmortem."""

    reason = forms.CharField(
        label="No postmortem, because",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="It stands on the timeline and on the incident. Starting one later is possible.",
        error_messages={"required": "Say why it needs none."},
    )
