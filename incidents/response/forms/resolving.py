"""Resolving, with one provisional finding or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from incidents.response.models import FailureMode, Incident
from incidents.response.queries import modes as vocabulary
from incidents.response.vocabulary import Layer
from web.forms import MomentInput
from web.registry import Guard


def mode_choices(*, keep: str = "") -> list[tuple[str, Any]]:
    """The modes on offer, and `keep`, grouped by layer, each group beginning with the layer alone."""
    modes: dict[str, list[tuple[str, str]]] = {
        layer.value: [(layer.value, f"{layer.label}: which mode is not known")] for layer in Layer
    }
    for mode in vocabulary.offered(keep=keep):
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
        cast("forms.ChoiceField", self.fields["what"]).choices = mode_choices(keep=str(self.initial.get("what", "")))
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
