"""What people write on a timeline: notes and facts, their later versions, and taking them back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from incidents.response import attaching, mentioning, participating, standing, timeline
from incidents.response.attaching import Upload
from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import told
from incidents.response.vocabulary import Precision, TimelineKind
from ownership.models import Person
from web.errors import DomainError, Invalid, translated

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST = 20_000  # characters
LONGEST_WHY = 300
LONGEST_SOURCE = 2_000
PRECISIONS = (Precision.EXACT, Precision.MINUTE, Precision.HOUR, Precision.DAY)


class Changed(DomainError):
    """Somebody changed this meanwhile; look at what it says now."""

    code = "row_changed"


@dataclass(frozen=True)
class When:
    """When a fact happened, how exactly that is known, and an address that shows it."""

    at: datetime
    precision: str = Precision.MINUTE
    source_url: str = ""


def note(incident: Incident, *, text: str, by: Person, now: datetime, files: Collection[Upload] = ()) -> TimelineRow:
    """Add a note, with files or without; a file needs no words."""
    return _write(incident, TimelineKind.NOTE, text=text, at=now, files=files, by=by, now=now)


def fact(
    incident: Incident, *, text: str, when: When, by: Person, now: datetime, files: Collection[Upload] = ()
) -> TimelineRow:
    """Add what happened at a time of its own, with what shows it."""
    data = _checked(when, now)
    return _write(incident, TimelineKind.FACT, text=text, at=when.at, data=data, files=files, by=by, now=now)


def revise(
    row: TimelineRow, *, seen: int, text: str, by: Person, now: datetime, when: When | None = None
) -> TimelineRow:
    """Say a note or a fact anew, in the place of version `seen`; raises Changed when that is not the latest.

    A fact keeps its time and its source unless `when` says others. `row` is any version of it.
    """
    text = text.strip()
    with translated():
        latest = _latest(row, seen)
        data = dict(latest.data)
        if latest.kind == TimelineKind.FACT and when is not None:
            data |= _checked(when, now)
        at = when.at if latest.kind == TimelineKind.FACT and when is not None else latest.at
        if not text and (not latest.data.get("files") or latest.kind == TimelineKind.FACT):
            raise Invalid("Write something, or take it back.", field="text")
        _require_short(text)
        meant = mentioning.named(text, by=by)
        data["mentions"] = meant.as_kept()
        if (text, at, data) == (latest.text, latest.at, latest.data):
            return latest
        new = _next(latest, TimelineKind(latest.kind), at=at, text=text, data=data, by=by, now=now)
        mentioning.tell(new, meant, by=by, now=now)
    return new


def take_back(row: TimelineRow, *, seen: int, why: str, by: Person, now: datetime) -> TimelineRow:
    """Take a note or a fact back: it no longer counts, and its words and files are for its author and admins alone."""
    why = why.strip()
    if not why:
        raise Invalid("Say why it is taken back.", field="why")
    if len(why) > LONGEST_WHY:
        raise Invalid(f"Say it in at most {LONGEST_WHY} characters.", field="why")
    with translated():
        latest = _latest(row, seen)
        return _next(latest, TimelineKind.TAKEN_BACK, at=latest.at, why=why, by=by, now=now)


def _write(
    incident: Incident,
    kind: TimelineKind,
    *,
    text: str,
    at: datetime,
    by: Person,
    now: datetime,
    files: Collection[Upload],
    data: dict[str, Any] | None = None,
) -> TimelineRow:
    standing.require(incident)
    text = text.strip()
    if not text and (not files or kind == TimelineKind.FACT):
        raise Invalid("Write something first.", field="text")
    _require_short(text)
    checked = attaching.check(incident, files)
    standing.require(incident)
    with translated():
        participating.begin(incident, by, now=now)
        meant = mentioning.named(text, by=by)
        said = {**(data or {}), "mentions": meant.as_kept()}
        if checked:
            said["files"] = len(checked)
        row = timeline.add(incident, kind, at=at, now=now, by=by, text=text, data=said)
        attaching.attach(row, checked, by=by, now=now)
        mentioning.tell(row, meant, by=by, now=now)
    return row


def _latest(row: TimelineRow, seen: int) -> TimelineRow:
    versions = told.versions(row.first_id).select_related("incident")
    latest = versions.last()
    if latest is None or latest.version != seen or latest.taken_back:
        raise Changed
    return latest


def _next(latest: TimelineRow, kind: TimelineKind, *, at: datetime, now: datetime, **said: Any) -> TimelineRow:
    new = timeline.row(latest.incident, kind, at=at, now=now, **said)
    new.revises_id, new.version = latest.first_id, latest.version + 1
    new.save(force_insert=True)
    return new


def _checked(when: When, now: datetime) -> dict[str, str]:
    """A fact's data; raises Invalid for what cannot be."""
    if when.at > now:
        raise Invalid("This time lies in the future.", field="at")
    if when.at < EARLIEST:
        raise Invalid("This time lies before the year 2000; is the year right?", field="at")
    if when.precision not in PRECISIONS:
        raise Invalid("Say how exactly the time is known.", field="precision")
    source = when.source_url.strip()
    if source and not _is_web_address(source):
        raise Invalid("Give a whole web address, beginning with http:// or https://.", field="source_url")
    return {"precision": str(when.precision), "source_url": source}


def _is_web_address(address: str) -> bool:
    """True for what a browser would open; nothing here ever fetches it."""
    if len(address) > LONGEST_SOURCE or any(one.isspace() or not one.isprintable() for one in address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
    except ValueError:  # such as brackets that do not close
        return False


def _require_short(text: str) -> None:
    if len(text) > LONGEST:
        raise Invalid(f"That is too long: at most {LONGEST} characters.", field="text")
