"""What stands around the answers: the window that an address asks for, its filters, and where they lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from incidents.patterns.queries.choices import Choices
from incidents.patterns.window import NO_SERVICE, SPANS, Window
from ownership.access import SignedInRequest

COMPARED = "compare"
FILTER_WORDS = {
    "service": ("Service", "All services"),
    "team": ("Team that answers", "All teams"),
    "tier": ("Tier", "All tiers"),
    "archetype": ("Kind of system", "All kinds of system"),
    "severity": ("Severity", "Any severity"),
    "detected_by": ("Who noticed", "Any detection"),
    "failing": ("Layer that failed", "Any layer"),
}
ALWAYS_SHOWN = ("service", "tier", "detected_by")  # the others wait behind "More filters"
PLACES = {"service": "service", "team": "team", "layer": "failing"}  # what a page may be about → its filter


@dataclass(frozen=True)
class Place:
    """A page by the name of its address; `fixed` are the filters that the address itself names."""

    name: str
    args: Sequence[str] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)

    def address(self, query: Mapping[str, str]) -> str:
        """This page with these parameters; what it fixes is not said twice."""
        return address(self.name, {key: value for key, value in query.items() if key not in self.fixed}, *self.args)


@dataclass(frozen=True)
class Offer:
    """A filter as the form shows it."""

    name: str
    label: str
    any: str
    choices: Choices
    chosen: str


def window(request: SignedInRequest, offered: Mapping[str, Choices], place: Place) -> Window:
    """The window that the address asks for, with what the place fixes; values that are not offered are problems."""
    known = {name: [value for value, _ in of] for name, of in offered.items()}
    asked = {**request.GET.dict(), **place.fixed}
    return Window.from_query(asked, timezone.now()).among({**known, "service": [*known["service"], NO_SERVICE]})


def frame(request: SignedInRequest, place: Place, shown: Window, offered: Mapping[str, Choices]) -> dict[str, Any]:
    """What the templates of the head and the filters take."""
    compared = {COMPARED: "1"} if COMPARED in request.GET else {}
    kept = {**shown.filter_query(), **compared}
    offers = [
        Offer(name, *FILTER_WORDS[name], of, getattr(shown.filters, name))
        for name, of in offered.items()
        if name not in place.fixed
    ]
    return {
        "window": shown,
        "here": reverse(place.name, args=place.args),
        "this_view": request.get_full_path(),
        "offered": [one for one in offers if one.name in ALWAYS_SHOWN],
        "more_offered": [one for one in offers if one.name not in ALWAYS_SHOWN],
        "more_open": any(one.chosen for one in offers if one.name not in ALWAYS_SHOWN)
        or not shown.span
        or bool(shown.known_at),
        "known": _known(shown),
        "no_service": NO_SERVICE,
        "spans": [(span, place.address({"months": str(span), **kept})) for span in SPANS],
        "compared": bool(compared),
        "compare_url": place.address({**shown.query(), **({} if compared else {COMPARED: "1"})}),
        "compare_label": f"Compare with the {shown.span} before" if shown.span else "Compare with the time before",
        "filtered": filtered(shown, offered, without=place.fixed),
        "window_query": urlencode(shown.query()),
    }


def filtered(shown: Window, offered: Mapping[str, Choices], *, without: Mapping[str, str] | None = None) -> list[str]:
    """What is filtered by, in words; `without` are filters that the page's head names."""
    words = {name: dict(of) for name, of in offered.items()}
    words["service"][NO_SERVICE] = "no service named"
    return [words[name][value] for name, value in shown.filters.query().items() if name not in (without or {})]


def _known(shown: Window) -> tuple[str, str]:
    """The kind of field for the instant whose knowledge is asked for, and its value: the end of a day as that day."""
    at = shown.known_at
    if at is None:
        return "date", ""
    before = at - timedelta(microseconds=1)
    return ("date", f"{before:%Y-%m-%d}") if before.date() < at.date() else ("text", f"{at:%Y-%m-%dT%H:%M:%SZ}")


def address(name: str, query: Mapping[str, Any], *args: str) -> str:
    """A page of ours with parameters."""
    return f"{reverse(name, args=args)}?{urlencode(query)}" if query else reverse(name, args=args)
