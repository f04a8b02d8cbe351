"""Forms of the response wing; they check shape, the acts and the database decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from incidents.response.lifecycle import Impact
from incidents.response.models import FailureMode, Incident
from incidents.response.vocabulary import DetectedBy, Layer, Precision, Severity
from ownership.models import Service
from web.forms import LayerCards, MomentInput, RadioCards
from web.registry import Guard

YOUR_ZONE = "In your time zone."
BLAME_CHOICES = [("", "Not known yet"), *Layer.choices]


class ImpactFields(forms.Form):
    """What users see and since when, as exactly as it is known."""

    impact = forms.CharField(
        label="What users see",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who is affected, how, and roughly what share.",
    )
    impact_precision = forms.ChoiceField(
        label="When did the impact start?",
        choices=Precision.choices,
        initial=Precision.UNKNOWN,
        widget=RadioCards,
        help_text="Say it only as exactly as you know it.",
    )
    impact_from = forms.DateTimeField(
        label="Start of the impact", required=False, widget=MomentInput, help_text=YOUR_ZONE
    )
    impact_until = forms.DateTimeField(
        label="And at the latest", required=False, widget=MomentInput, help_text=YOUR_ZONE
    )
    detected_by = forms.ChoiceField(
        label="Noticed by", required=False, choices=[("", "Not known"), *DetectedBy.choices]
    )

    def clean(self) -> dict[str, Any]:
        """Times fit the precision, each missing one said beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        precision = cleaned.get("impact_precision")
        begins, until = cleaned.get("impact_from"), cleaned.get("impact_until")
        if precision == Precision.UNKNOWN:
            cleaned["impact_from"] = cleaned["impact_until"] = None
        elif begins is None and "impact_from" not in self.errors:
            self.add_error("impact_from", "Give the time, or choose “Unknown” above.")
        if precision != Precision.BETWEEN:
            cleaned["impact_until"] = None
        elif until is None and "impact_until" not in self.errors:
            self.add_error("impact_until", "Give the latest time it can have started.")
        elif begins and until and until <= begins:
            self.add_error("impact_until", "This must be later than the first time.")
        return cleaned

    @property
    def began(self) -> Impact:
        """The start of the impact as the acts take it."""
        data = self.cleaned_data
        return Impact(data["impact_precision"], data["impact_from"], data["impact_until"])


class ServiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no [Service] there at run time
    """A living service."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Service")
        super().__init__(Service.objects.filter(retired_at=None).order_by("name"), **kwargs)


class DeclareForm(ImpactFields):
    """Declare an incident by hand, also one of last week."""

    title = forms.CharField(label="What is wrong?", max_length=300, help_text="One line, as a user would say it.")
    service = ServiceField(required=False, empty_label="Not known yet", help_text="It brings who answers for it.")
    severity = forms.ChoiceField(label="Severity", choices=Severity.choices, initial=Severity.PENDING)
    detected_at = forms.DateTimeField(
        label="Noticed at", required=False, widget=MomentInput, help_text="Empty means now. In your time zone."
    )
    first_blame = forms.ChoiceField(
        label="First blame",
        required=False,
        choices=BLAME_CHOICES,
        widget=LayerCards,
        help_text="Your first guess. It is kept as it is and later compared with what was found.",
    )
    field_order = (
        "title",
        "service",
        "severity",
        "impact",
        "impact_precision",
        "impact_from",
        "impact_until",
        "detected_at",
        "detected_by",
        "first_blame",
    )


class BlameForm(forms.Form):
    """First blame in one click; empty is "not known yet"."""

    first_blame = forms.ChoiceField(required=False, choices=BLAME_CHOICES)


class NoteForm(forms.Form):
    """A note for the timeline."""

    text = forms.CharField(
        label="Note",
        max_length=20_000,
        widget=forms.Textarea(
            attrs={"rows": 2, "data-key": "n", "placeholder": "What did you see or do? Markdown works."}
        ),
        error_messages={"required": "Write something first."},
    )


class SeverityForm(forms.Form):
    """A person's choice of severity."""

    severity = forms.ChoiceField(choices=Severity.choices)


class SetServiceForm(forms.Form):
    """Which service failed."""

    service = ServiceField(empty_label="Choose a service", error_messages={"required": "Choose the service."})


class ReopenForm(forms.Form):
    """Why a resolved incident is open again."""

    reason = forms.CharField(
        label="Why is it open again?", max_length=300, error_messages={"required": "Say why it is open again."}
    )


def mode_choices() -> list[tuple[str, Any]]:
    """The modes grouped by layer, each group beginning with the layer alone."""
    modes: dict[str, list[tuple[str, str]]] = {
        layer.value: [(layer.value, f"{layer.label}: which mode is not known")] for layer in Layer
    }
    for mode in FailureMode.objects.order_by("-built_in", "name"):
        modes[mode.layer].append((mode.code, f"{Layer(mode.layer).label}: {mode.name}"))
    return [("", "Not known"), *[(Layer(layer).label, group) for layer, group in modes.items()]]


def suggested(incident: Incident) -> str:
    """What the alerts of an incident suggest, as a choice of the above: a mode, a layer, or empty."""
    return str(incident.suggestion.get("mode") or incident.suggested_layer)


class ResolveForm(forms.Form):
    """When it ended, and one provisional finding or "not known"."""

    resolved_at = forms.DateTimeField(
        label="Resolved at", required=False, widget=MomentInput, help_text="Empty means now. In your time zone."
    )
    what = forms.ChoiceField(
        label="What failed?",
        required=False,
        help_text="Provisional: a postmortem confirms or replaces it. “Not known” is an honest answer.",
    )
    evidence = forms.CharField(
        label="What shows it?",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A trace, a graph, a change. Links work.",
    )

    def __init__(self, *args: Any, guards: Sequence[Guard] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["what"]).choices = mode_choices()
        self.guards = [guard.code for guard in guards]
        for guard in guards:
            self.fields[guard.code] = forms.BooleanField(
                label=guard.label,
                help_text=guard.hint,
                error_messages={"required": "Tick this if it is over all the same."},
            )

    @property
    def ticks(self) -> list[forms.BoundField]:
        """What speaks against resolving: a tick each."""
        return [self[code] for code in self.guards]

    def despite(self) -> list[str]:
        """What was ticked."""
        return [code for code in self.guards if self.cleaned_data.get(code)]

    def found(self) -> tuple[str, FailureMode | None]:
        """The layer and, when one was chosen, the mode."""
        what: str = self.cleaned_data["what"]
        mode = FailureMode.objects.get(code=what) if "." in what else None
        return (mode.layer if mode else what), mode
