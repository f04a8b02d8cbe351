"""The forms of an organisation's own failure modes."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from incidents.response.models import FailureMode
from incidents.response.vocabulary import Layer
from web.forms import LayerCards

TEXT_MAX = 1000


def _text(label: str, hint: str, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=hint,
        error_messages={"required": "Say in a sentence what fails, and how."},
    )


class ModeForm(forms.Form):
    """What a mode says; its layer and code are chosen once, when it is added."""

    layer = forms.ChoiceField(label="Layer", choices=Layer.choices, widget=LayerCards)
    short = forms.CharField(
        label="Code",
        max_length=61,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
        help_text="Begins with its layer by itself: stale_embedding becomes data.stale_embedding. It never changes.",
    )
    name = forms.CharField(label="Name", max_length=80, error_messages={"required": "Give it a name."})
    definition = _text("What fails, and how", "One sentence that tells it from its neighbours.", required=True)
    detection = _text("How it shows", "What one sees, and where.")
    countermeasures = _text("What usually holds", "Shown beside each finding that has no action yet.")
    references = _text("Where it is from", "A taxonomy, a paper, an earlier postmortem.")

    def __init__(self, data: Any = None, *, mode: FailureMode | None = None, layer: str = "") -> None:
        texts = ("name", "definition", "detection", "countermeasures", "references")
        initial = {name: getattr(mode, name) for name in texts} if mode else {"layer": layer}
        super().__init__(data, initial=initial)
        if mode is not None:
            del self.fields["layer"], self.fields["short"]


class MergeModeForm(forms.Form):
    """Which mode of the same layer another one counts as from now on."""

    into = forms.ChoiceField(
        label="It counts as",
        help_text="Findings keep what they were recorded with; charts and lists count them as this one.",
        error_messages={"required": "Choose the mode that it counts as."},
    )

    def __init__(self, data: Any = None, *, targets: list[FailureMode]) -> None:
        super().__init__(data)
        self._targets = {mode.code: mode for mode in targets}
        choices = [(mode.code, mode.name) for mode in targets]
        cast("forms.ChoiceField", self.fields["into"]).choices = [("", "Choose"), *choices]

    @property
    def target(self) -> FailureMode:
        """The mode that was chosen."""
        return self._targets[self.cleaned_data["into"]]
