"""The small parts of every page, as template tags; a builtin library, so no page needs to load it.

All of them are shown with their markup on the gallery page (templates/web/gallery.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from web import markdown as markdown_text
from web import wording
from web.icons import ICONS

register = template.Library()

LAYERS = ("data", "integration", "latency", "evaluation", "guardrail", "org", "model")
STATES = {
    "open": ("state-open", "Open"),
    "firing": ("state-open", "Firing"),
    "acknowledged": ("state-acknowledged", "Acknowledged"),
    "mitigated": ("state-mitigated", "Mitigated"),
    "resolved": ("state-resolved", "Resolved"),
    "closed": ("state-closed", "Closed"),
    "merged": ("link", "Merged"),
    "draft": ("state-draft", "Draft"),
    "in_review": ("state-acknowledged", "In review"),
    "published": ("state-published", "Published"),
    "proposed": ("state-acknowledged", "Proposed"),
    "accepted": ("state-resolved", "Accepted"),
    "todo": ("todo", "Open"),
    "overdue": ("warning", "Overdue"),
    "snoozed": ("clock", "Snoozed"),
    "done": ("state-mitigated", "Done, to be verified"),
    "verified": ("check", "Verified"),
    "wont_do": ("close", "Won’t be done"),
}
# Our own words first, then Django's message levels.
NOTICES = {
    "info": ("", "info"),
    "good": ("good", "check"),
    "warn": ("warn", "warning"),
    "bad": ("bad", "warning"),
    "debug": ("", "info"),
    "success": ("good", "check"),
    "warning": ("warn", "warning"),
    "error": ("bad", "warning"),
}
STITCHES = mark_safe(
    '<svg class="stitches" viewBox="0 0 96 14" aria-hidden="true"><path d="M2 12C26 12 26 2 48 2s22 10 46 10"/></svg>'
)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of web.icons as inline SVG; always decoration, the word beside it carries the meaning."""
    drawing = mark_safe(ICONS[name])  # noqa: S308 -- our own drawings
    return format_html('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', drawing)


@register.simple_tag
def layer_chip(layer: str | None) -> SafeString:
    """A failure layer (or model) as glyph, word and colour; nothing set, or `unknown`, reads "not known yet"."""
    if not layer or layer == "unknown":
        return mark_safe('<span class="chip unknown">not known yet</span>')
    if layer not in LAYERS:
        return format_html('<span class="chip plain">{}</span>', layer)
    return format_html('<span class="chip {}">{}{}</span>', layer, icon(f"layer-{layer}"), layer)


@register.simple_tag
def layer_sign(layer: str) -> SafeString:
    """The glyph of a failure layer alone; its word stands beside it."""
    return icon(f"layer-{layer}")


@register.simple_tag
def severity(level: str | None) -> SafeString:
    """`sev1` to `sev4` as a badge whose weight falls with the number; anything else is still to be set."""
    if level in {"sev1", "sev2", "sev3", "sev4"}:
        return format_html('<span class="sev {}">{}</span>', level, str(level).upper())
    return mark_safe('<span class="sev pending" title="No severity set yet">SEV ?</span>')


@register.simple_tag
def state_dot(state: str) -> SafeString:
    """A state with its sign: open, acknowledged, mitigated, resolved, closed, draft, in_review, published."""
    name, word = STATES.get(state, ("todo", str(state).replace("_", " ").capitalize()))
    return format_html('<span class="state {}">{}{}</span>', state, icon(name), word)


@register.simple_tag
def party(holder: Any) -> SafeString:
    """A person (round) or team (square: `is_team` is true) with `.name`; None is the red flag.

    Who is named but has never been here (`is_invited` is true) is marked so.
    """
    if not holder:
        return format_html('<span class="party nobody">{}nobody answers</span>', icon("flag"))
    name = getattr(holder, "name", "") or str(holder)
    letters = getattr(holder, "initials", "") or wording.initials(name)
    shape = "party team" if getattr(holder, "is_team", False) else "party"
    invited = mark_safe(" <small>invited</small>") if getattr(holder, "is_invited", False) else ""
    return format_html('<span class="{}"><i aria-hidden="true">{}</i>{}{}</span>', shape, letters, name, invited)


@register.simple_tag
def initials(name: str) -> str:
    """Two letters for a name."""
    return wording.initials(name)


@register.simple_tag
def when(at: datetime | None) -> SafeString:
    """A time in the viewer's zone, with UTC on hover; a dash when there is none."""
    if at is None:
        return mark_safe('<span class="faint">–</span>')
    words = wording.moment(at, now=timezone.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), wording.utc(at), words)


@register.simple_tag
def clock(at: datetime) -> SafeString:
    """The time of day in the viewer's zone, below a heading that says the day; UTC on hover."""
    words = f"{timezone.localtime(at):%H:%M}"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), wording.utc(at), words)


@register.simple_tag
def since(at: datetime | None) -> SafeString:
    """How long ago; app.js keeps it fresh while the page is open."""
    if at is None:
        return mark_safe('<span class="faint">–</span>')
    words = wording.age(timezone.now() - at)
    return format_html('<time data-since datetime="{}" title="{}">{}</time>', at.isoformat(), wording.utc(at), words)


@register.simple_tag
def duration(span: timedelta | None) -> str:
    """How long something took, or `not known`."""
    return wording.duration(span)


@register.filter
def minutes(count: int | None) -> str:
    """A span given in minutes, in full words: `2 hours`; nothing for None."""
    return "" if count is None else wording.minutes(count)


@register.filter(name="bytes")
def bytes_in_words(count: int) -> str:
    """A size: `12 KB`."""
    return wording.size(count)


@register.filter
def trimmed(number: Decimal | None) -> str:
    """A decimal without the zeros that its column adds: `99.9`, not `99.900`; nothing for None."""
    return "" if number is None else f"{number.normalize():f}"


@register.simple_tag
def markdown(text: str, names: Mapping[str, str] | None = None) -> SafeString:
    """People's own words; nothing in them can act, not even through htmx. `names` are those meant after an @."""
    return format_html('<div class="prose" hx-disable>{}</div>', markdown_text.to_html(text, names))


@register.simple_block_tag
def why(content: str) -> SafeString:
    """One sentence that explains what it stands beside: why this incident, why this owner."""
    return format_html('<div class="why">{}</div>', content)


@register.simple_block_tag
def card(
    content: str,
    *,
    title: str = "",
    id: str = "",  # noqa: A002 -- it is the HTML attribute
    note: str = "",
    link: str = "",
    url: str = "",
    flush: bool = False,
) -> SafeString:
    """A section on a card: heading, at its right a quiet note or one link; `flush` lets a table touch the edges."""
    head = SafeString()
    if title:
        right = format_html('<span class="note">{}</span>', note) if note else SafeString()
        right += format_html('<a class="small" href="{}">{}</a>', url, link) if link else SafeString()
        head = format_html("<header><h2>{}</h2>{}</header>", title, right)
    return format_html(
        '<section class="card{}"{}>{}{}</section>',
        " flush" if flush else "",
        format_html(' id="{}"', id) if id else "",
        head,
        content,
    )


@register.simple_block_tag
def empty(content: str, *, title: str) -> SafeString:
    """Nothing here: says so honestly, and the content says what to do next."""
    return format_html('<div class="empty">{}<h2>{}</h2>{}</div>', STITCHES, title, content)


@register.simple_block_tag
def notice(content: str, *, level: str = "info") -> SafeString:
    """A box with something to know: info, good, warn or bad, or one of Django's message levels."""
    kind, sign = NOTICES[level]
    return format_html('<div class="notice {}">{}<div>{}</div></div>', kind, icon(sign), content)
