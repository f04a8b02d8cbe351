"""What the incident already knows, as the first words of a section; times in UTC, and said so."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from incidents.alerts.change_models import Change
from incidents.alerts.queries import upstream
from incidents.postmortems.vocabulary import BlockKind, Prefill
from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import durations, handoffs, impacts, referring, told
from incidents.response.vocabulary import TOLD_BY_ALERTS, WRITTEN, Anchor, Precision, TimelineKind
from ownership.queries import owners
from web.markdown import line
from web.wording import duration

ROWS = 100
CHANGES = 5
# The story of the record itself is no part of what happened.
LEFT_OUT = (
    TimelineKind.CLOSED,
    TimelineKind.FACTS,
    TimelineKind.FINDING,
    TimelineKind.POSTMORTEM,
    TimelineKind.ROUTED,
    TimelineKind.TIMES,
    TimelineKind.TYPE,
)
MARKDOWN = (*WRITTEN, TimelineKind.QUOTED)
NAMED_BY_THEIR_TEXT = (TimelineKind.NOTE, TimelineKind.FACT, TimelineKind.DECLARED)


def texts(
    incident: Incident,
    *,
    now: datetime,
    wanted: Collection[str] = tuple(Prefill.values),
    drawn: Collection[str] = (),
) -> dict[str, str]:
    """First words by the name that a template's `prefill` uses; empty where the incident knows nothing.

    Only those `wanted` are read. What stands beside them as a block (`drawn`: kinds of blocks) is not told twice.
    """
    tellers: dict[str, Callable[[], str]] = {
        Prefill.SUMMARY: lambda: _summary(incident),
        Prefill.IMPACT: lambda: _impact(incident, with_facts=BlockKind.IMPACT not in drawn),
        Prefill.NOTICED: lambda: _noticed(incident),
        Prefill.LEAD_UP: lambda: _lead_up(incident, now=now),
        Prefill.HAPPENED: lambda: _happened(incident, with_alerts=BlockKind.TIMELINE not in drawn),
        Prefill.OWNERSHIP: lambda: _ownership(incident, now=now),
    }
    return {name: _clean(tell()) for name, tell in tellers.items() if name in wanted}


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()


def utc(at: datetime) -> str:
    """A time as a postmortem writes it, whoever reads it: `2026-11-20 13:05 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _summary(incident: Incident) -> str:
    where = f" ({line(incident.service.name)})" if incident.service else ""
    told = f"{line(incident.title.rstrip('.'))}{where}."
    began = _began(incident)
    if began and incident.resolved_at:
        lasted = ""
        if incident.impact_precision != Precision.BETWEEN and incident.impact_from:
            lasted = f", {duration(incident.resolved_at - incident.impact_from)}"
        told += f" From {began} until {utc(incident.resolved_at)}{lasted}."
    elif incident.resolved_at:
        told += f" Resolved {utc(incident.resolved_at)}."
    return told


def _began(incident: Incident) -> str:
    if incident.impact_from is None:
        return ""
    if incident.impact_until is not None:
        return f"between {utc(incident.impact_from)} and {utc(incident.impact_until)}"
    exact = incident.impact_precision in {Precision.EXACT, Precision.MINUTE}
    return utc(incident.impact_from) if exact else f"about {utc(incident.impact_from)}"


def _impact(incident: Incident, *, with_facts: bool) -> str:
    """What users saw, then how far it went, a line for each thing known."""
    if not with_facts:
        return incident.impact
    lines = [f"- {phrase}" for phrase in impacts.phrases(incident, impacts.current(incident))]
    return "\n\n".join(filter(None, (incident.impact, "\n".join(lines))))


def _noticed(incident: Incident) -> str:
    first = f" by {incident.get_detected_by_display().lower()}" if incident.detected_by else ""
    told = f"Noticed {utc(incident.detected_at)}{first}"
    unseen = durations.between(incident, "", Anchor.IMPACT, Anchor.DETECTED)
    if unseen.known:
        told += f", {unseen.words} after the impact began"
    if incident.acknowledged_at and incident.acknowledged_by:
        told += f"; acknowledged {utc(incident.acknowledged_at)} by {incident.acknowledged_by.name}"
    return f"{told}."


def _lead_up(incident: Incident, *, now: datetime) -> str:
    """What is suspected, else what changed nearest to it, and who answered."""
    suspects = [(change.at, change.title, change, "suspected") for change in upstream.suspected(incident.pk)]
    near = [
        (one.at, one.change.title if one.change else one.turn.title if one.turn else "", one.change, one.why)
        for one in (() if suspects else upstream.of(incident, limit=CHANGES).rows)
    ]
    told = sorted((suspects or near)[:CHANGES], key=lambda one: one[0])
    lines = [f"- {utc(at)}: {line(title + _values(change))} ({line(why)})" for at, title, change, why in told]
    return "\n\n".join(filter(None, ("\n".join(lines), _ownership(incident, now=now))))


def _values(change: Change | None) -> str:
    return f", {change.values}" if change is not None and change.values else ""


def _ownership(incident: Incident, *, now: datetime) -> str:
    """Who answered when it was noticed and who answers now, and whether it went to and fro."""
    if incident.service is None:
        return ""
    service = incident.service
    then = owners.of_services([service.pk], at=incident.detected_at)[service.pk].words
    today = owners.of_services([service.pk], at=now)[service.pk].words
    told = f"For {service}, when it was noticed: {then}. "
    told += f"When this was begun ({utc(now)}): {'the same' if today == then else today}."
    rounds = handoffs.of(incident).rounds
    return f"{told} It went to and fro: {'; '.join(rounds)}." if rounds else told


def _happened(incident: Incident, *, with_alerts: bool) -> str:
    left_out = LEFT_OUT if with_alerts else (*LEFT_OUT, *TOLD_BY_ALERTS)
    rows = TimelineRow.objects.filter(incident=incident).exclude(kind__in=left_out)
    found = list(told.current(rows).select_related("by", "revises__by").order_by("at", "pk")[: ROWS + 1])
    seen = referring.open_to_all(found)  # whoever reads the postmortem may not see every incident
    lines = [f"- {_at(row)}: {_told(referring.redacted(row, seen))}" for row in found[:ROWS]]
    if len(found) > ROWS:
        lines.append(f"- What came later stands on the timeline of {incident.ref}.")
    return "\n".join(lines)


def _at(row: TimelineRow) -> str:
    rough = row.kind == TimelineKind.FACT and row.data.get("precision") in {Precision.HOUR, Precision.DAY}
    return f"about {utc(row.at)}" if rough else utc(row.at)


def _told(row: TimelineRow) -> str:
    flat = " ".join(row.text.split())  # what people wrote is Markdown; all else may come from any sender
    text = (flat if row.kind in MARKDOWN else line(flat)) or ("files" if row.data.get("files") else "")
    if row.data.get("source_url"):
        text += f" <{row.data['source_url']}>"
    kind = row.get_kind_display()
    if row.kind == TimelineKind.IMPACT:
        text = "" if row.data.get("precision") in {None, "", Precision.EXACT} else str(row.data["precision"])
        kind = "Impact begins"
    named = bool(text) and row.kind in NAMED_BY_THEIR_TEXT
    said = text if named else f"{kind}: {text}" if text else kind
    return f"{said} ({row.author.name})" if row.author else said
