"""Who answered at an instant: as known then beside as corrected, with a picture of all times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ownership import access
from ownership.access import SignedInRequest
from ownership.forms.assigning import AsOfForm
from ownership.queries import asof
from ownership.queries.asof import Span, Stretch
from ownership.views.about import About
from ownership.views.attempts import status_of
from web.partials import page

TICKS = 4
NAMED_FROM = 9.0  # percent of the width from which a stretch has room for a name
SHOWN = 200
HOURS_BELOW = timedelta(days=3)  # a shorter time is read by the hour


@dataclass(frozen=True)
class Block:
    """A stretch as drawn: left edge and width in percent; `tone` tells neighbours apart."""

    stretch: Stretch
    left: float
    width: float
    tone: int

    @property
    def is_named(self) -> bool:
        """True when there is room for a name."""
        return self.width >= NAMED_FROM


@dataclass(frozen=True)
class Picture:
    """Two lanes over the same time, the instant asked about, today, and days to read them by; all in percent."""

    then: Sequence[Block]
    now: Sequence[Block]
    at: float
    today: float
    ticks: Sequence[tuple[float, datetime, str]]
    shows_hours: bool

    @property
    def has_second_tone(self) -> bool:
        """True when a bar is drawn in the other tone, so that the key explains it."""
        return any(block.stretch.holder and block.tone for block in (*self.then, *self.now))


@require_safe
def as_of(request: SignedInRequest, kind: str, key: str | int) -> HttpResponse:
    """Both answers about an instant. By GET, so that the answer has an address to send on."""
    subject = access.readable_subject(request.user, kind, key)
    now = timezone.now()
    form = AsOfForm(request.GET if "at" in request.GET or "known_at" in request.GET else None, auto_id="asof_%s")
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    at = asked.get("at") or now
    known_at = asked.get("known_at") or at
    told = asof.as_of(subject, at=at, known_at=known_at, now=now)
    if not form.is_bound:
        form = AsOfForm(initial={"at": at}, auto_id="asof_%s")
    context = {
        "about": About(subject),
        "form": form,
        "told": told,
        "picture": _picture(told, now=now),
        "same": not told.corrections,
        "is_ahead": at > now,
        "known_apart": known_at != at,
        "history": told.rows[:SHOWN],
        "left_out": max(0, len(told.rows) - SHOWN),
        "may_edit": access.may_edit(request.user),
    }
    return page(request, "ownership/as_of.html", context, status=status_of(form))


def _picture(told: asof.AsOf, *, now: datetime) -> Picture:
    first, last = told.span
    days = [first + (last - first) * part / (TICKS - 1) for part in range(TICKS)]
    anchors = ["start", *["middle"] * (TICKS - 2), "end"]
    return Picture(
        then=_blocks(told.known_then, told.span),
        now=_blocks(told.known_now, told.span),
        at=_percent(told.at, told.span),
        today=_percent(now, told.span),
        ticks=[(_percent(day, told.span), day, anchor) for day, anchor in zip(days, anchors, strict=True)],
        shows_hours=last - first < HOURS_BELOW,
    )


def _blocks(stretches: Sequence[Stretch], span: Span) -> list[Block]:
    tones: dict[str, int] = {}
    blocks = []
    for one in stretches:
        left, right = _percent(one.begins, span), _percent(one.ends, span)
        tone = tones.setdefault(one.holder, len(tones) % 2) if one.holder else 0
        blocks.append(Block(one, left, round(right - left, 3), tone))
    return blocks


def _percent(at: datetime, span: Span) -> float:
    first, last = span
    return round(100 * ((min(max(at, first), last) - first) / (last - first)), 3)
