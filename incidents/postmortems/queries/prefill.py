"""What the incident already knows, as the first words of a section; times in UTC, and said so."""

from __future__ import annotations

from datetime import UTC, datetime

from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import durations, impacts, referring, told
from incidents.response.vocabulary import Anchor, Precision, TimelineKind
from web.wording import duration

ROWS = 100
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
NAMED_BY_THEIR_TEXT = (TimelineKind.NOTE, TimelineKind.FACT, TimelineKind.DECLARED)


def texts(incident: Incident) -> dict[str, str]:
    """First words by the name that a template's `prefill` uses; empty where the incident knows nothing.

    Three queries at most.
    """
    return {
        "summary": _summary(incident),
        "impact": _impact(incident),
        "noticed": _noticed(incident),
        "happened": _happened(incident),
    }


def utc(at: datetime) -> str:
    """A time as a postmortem writes it, whoever reads it: `2026-11-20 13:05 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _summary(incident: Incident) -> str:
    where = f" ({incident.service.name})" if incident.service else ""
    told = f"{incident.title.rstrip('.')}{where}."
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


def _impact(incident: Incident) -> str:
    """What users saw, then how far it went, a line for each thing known."""
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


def _happened(incident: Incident) -> str:
    rows = TimelineRow.objects.filter(incident=incident).exclude(kind__in=LEFT_OUT)
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
    text = " ".join(row.text.split()) or ("files" if row.data.get("files") else "")
    if row.data.get("source_url"):
        text += f" <{row.data['source_url']}>"
    kind = row.get_kind_display()
    if row.kind == TimelineKind.IMPACT:
        text = "" if row.data.get("precision") in {None, "", Precision.EXACT} else str(row.data["precision"])
        kind = "Impact begins"
    named = bool(text) and row.kind in NAMED_BY_THEIR_TEXT
    said = text if named else f"{kind}: {text}" if text else kind
    return f"{said} ({row.author.name})" if row.author else said
