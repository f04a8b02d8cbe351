"""Forms in the house style: label, help, control, error, tied together for screen readers; errors first, on top."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template


class HouseRenderer(DjangoTemplates):
    """Our form, field and widget templates from templates/ui, Django's for all other widgets."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Without `maxlength`: a browser cuts what is pasted at that length and says nothing; the form says it."""
        context.get("widget", {}).get("attrs", {}).pop("maxlength", None)
        return super().render(template_name, context, request)

    def get_template(self, template_name: str) -> Any:
        """Ours see the house's tags and static files; Django's come from Django itself."""
        return get_template(template_name) if template_name.startswith("ui/") else super().get_template(template_name)


class RadioCards(forms.RadioSelect):
    """One click each: every choice is a card; `hints` gives values a second, quieter line."""

    template_name = "ui/widgets/radio_cards.html"

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = (), hints: Mapping[str, str] | None = None):
        super().__init__(attrs, choices)
        self.hints = hints or {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Tells the template whether the cards stand tall."""
        context = super().get_context(name, value, attrs)
        context["widget"]["tall"] = bool(self.hints)
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One card, with its hint."""
        return {**super().create_option(name, value, *args, **kwargs), "hint": self.hints.get(str(value), "")}


class LayerCards(RadioCards):
    """Radio cards whose labels are layer chips; the empty choice reads "not known yet"."""

    template_name = "ui/widgets/layer_cards.html"


class MomentInput(forms.DateTimeInput):
    """Date and time in the viewer's zone, with the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


def keep_seconds(form: forms.Form) -> None:
    """In a form's `clean`: a time that came back as MomentInput showed it, to the minute, is the time it was."""
    for name, field in form.fields.items():
        was, said = form.get_initial_for_field(field, name), form.cleaned_data.get(name)
        if isinstance(was, datetime) and said == was.replace(second=0, microsecond=0):
            form.cleaned_data[name] = was


class DayInput(forms.DateInput):
    """A day, with the browser's own picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class EditorArea(forms.Textarea):
    """Paper to write on: grows with its text."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 4, **(attrs or {}), "class": "editor"})
