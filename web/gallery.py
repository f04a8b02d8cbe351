"""The gallery: every part of the look on one page, with its markup, for whoever builds the next page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Engine
from django.utils import timezone
from django.views.decorators.http import require_safe

from web.forms import DayInput, EditorArea, LayerCards, MomentInput, RadioCards
from web.icons import ICONS
from web.templatetags.ui import LAYERS

PARTS = {
    "head": "Page head",
    "marks": "Layers, severity, state, people, times",
    "cards": "Cards, why-lines, notices, empty states",
    "seam": "The seam path",
    "timeline": "Timeline",
    "checklist": "Checklists",
    "tables": "Tables and filters",
    "controls": "Buttons, copying, disclosure",
    "forms": "Forms",
    "writing": "Writing and reading",
    "charts": "Charts",
    "icons": "Icons",
}


@dataclass(frozen=True)
class Holder:
    """Someone to show: a person, or a team."""

    name: str
    is_team: bool = False


class SampleForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(max_length=120, help_text="One line; what users would say is wrong.")
    level = forms.ChoiceField(
        label="Severity",
        choices=[("sev1", "SEV1"), ("sev2", "SEV2"), ("sev3", "SEV3")],
        widget=RadioCards(hints={"sev1": "Most users, or harm", "sev2": "Many users", "sev3": "Some users"}),
    )
    began = forms.DateTimeField(label="Impact since", required=False, widget=MomentInput)
    due = forms.DateField(required=False, widget=DayInput)
    service = forms.ChoiceField(choices=[("", "Choose a service"), ("a", "Support answers"), ("f", "Fraud score")])
    what = forms.CharField(label="What users see", required=False, widget=EditorArea)
    blame = forms.ChoiceField(
        label="First blame",
        required=False,
        choices=[(layer, layer) for layer in LAYERS] + [("", "not known yet")],
        widget=LayerCards,
        help_text="The first suspicion, kept as it is and compared with the findings later.",
    )
    tell = forms.BooleanField(label="Tell the owner now", required=False, help_text="By the channels they chose.")


def _chart() -> dict[str, Any]:
    """Findings per layer and month, made up: reviewed solid, provisional hatched."""
    months = ["Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
    counts = {
        "integration": ([3, 4, 2, 5, 6, 2], [0, 0, 1, 1, 2, 3]),
        "latency": ([2, 1, 3, 2, 2, 1], [0, 0, 0, 1, 1, 2]),
        "data": ([1, 2, 2, 1, 3, 1], [0, 1, 0, 0, 1, 1]),
        "org": ([1, 1, 0, 2, 1, 0], [0, 0, 0, 0, 0, 1]),
        "model": ([0, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0]),
    }
    bars = [
        {
            "type": "bar",
            "name": layer,
            "x": months,
            "y": rows[kind],
            "showlegend": kind == 0,
            "legendgroup": layer,
            "marker": {"color": f"var(--{layer})", "pattern": {"shape": "" if kind == 0 else "/"}},
        }
        for layer, rows in counts.items()
        for kind in (0, 1)
    ]
    return {"data": bars, "layout": {"barmode": "stack", "yaxis": {"title": {"text": "findings"}}}}


def _sections() -> list[dict[str, str]]:
    """Each part's sample is a template of its own; its source is the markup to copy."""
    sections = []
    for name, title in PARTS.items():
        template = f"web/gallery/{name}.html"
        source = Engine.get_default().get_template(template).source
        sections.append({"name": name, "title": title, "template": template, "source": source})
    return sections


def _samples(now: datetime) -> dict[str, Any]:
    return {
        "sections": _sections(),
        "now": now,
        "earlier": now - timedelta(days=40, hours=2),
        "long_ago": now - timedelta(days=500),
        "minutes_ago": now - timedelta(minutes=6),
        "hours_ago": now - timedelta(hours=1, minutes=5),
        "span": timedelta(minutes=37),
        "priya": Holder("Priya Nair"),
        "tomas": Holder("Tomás Brandt"),
        "team": Holder("Search team", is_team=True),
        "layers": LAYERS,
        "icons": sorted(ICONS),
        "chart": _chart(),
        "prose": "We believed the **fallback** could only help.\n\n- 3 tries in the retriever\n- 3 in the client\n\n"
        "| part | tries |\n|---|---|\n| retriever | 3 |\n\n> Nobody had drawn `both` on one page.",
        "form": SampleForm(prefix="plain"),
        "wrong": SampleForm({"wrong-level": "sev2", "wrong-service": ""}, prefix="wrong"),
    }


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every part of the look, each with the markup that makes it."""
    return render(request, "web/gallery.html", _samples(timezone.now()))
