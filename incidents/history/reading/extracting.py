"""Rows become records: values read by the mapping, times judged, what contradicts itself told, not counted."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import combinations
from typing import Any

from incidents.history.reading import files
from incidents.history.reading.mapping import FACTS, TEXTS, TIMES, Mapping, Part, Value
from incidents.history.reading.records import Action, Doubt, Finding, Problem, Reading, Record, Row, Skipped

LONGEST = {"title": 300, "impact": 10_000, "source_url": 500, "component": 120, "slice": 200, "identity": 300}
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_MOST = {"share_from": 100, "share_until": 100, "bad_count": 2**62}


@dataclass(frozen=True)
class Words:
    """The words that Seamline knows, by field; what a file says otherwise is a problem."""

    severity: Collection[str]
    type: Collection[str]
    detected_by: Collection[str]
    layer: Collection[str]
    role: Collection[str]
    confidence: Collection[str]
    mode: Collection[str]
    kind: Collection[str]
    green: Collection[str] = ("yes", "no", "unknown")
    state: Collection[str] = ("provisional", "reviewed")


class _Bad(ValueError):
    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code = field, code


def read(data: bytes, mapping: Mapping, words: Words, *, file: str, now: datetime) -> Reading:
    """All records of one file. A row with an error costs only itself; only an unreadable file has no rows at all."""
    reading, seen = Reading(file), dict[str, int]()
    try:
        chosen = files.format_of(file, mapping.format)
        for row in files.rows(data, file=file, kind=chosen, path=mapping.rows):
            if isinstance(row, Problem):
                reading.problems.append(row)
            else:
                _take(row, mapping, words, into=reading, seen=seen, now=now)
    except files.Unreadable as error:
        reading.problems.append(Problem(file, error.line, error.code, str(error)))
    return reading


def _take(row: Row, mapping: Mapping, words: Words, *, into: Reading, seen: dict[str, int], now: datetime) -> None:
    left_out = next((one.reason for one in mapping.skip if one.when.read(row.cells)), "")
    if left_out:
        into.skipped.append(Skipped(into.file, row.line, left_out))
        return
    try:
        record = _record(row, mapping, words, file=into.file, now=now)
    except _Bad as error:
        into.problems.append(Problem(into.file, row.line, error.code, str(error), error.field))
        return
    if record.identity in seen:
        told = (
            f"Line {seen[record.identity]} has the same identity {record.identity!r}; name more columns in `identity`."
        )
        into.problems.append(Problem(into.file, row.line, "identity_twice", told, "identity"))
        return
    seen[record.identity] = row.line
    into.records.append(record)
    into.problems += [
        Problem(
            into.file,
            row.line,
            "time_doubted",
            f"{doubt.field} ({doubt.told}): {doubt.reason}",
            doubt.field,
            "warning",
        )
        for doubt in record.doubts
    ]


def _record(row: Row, mapping: Mapping, words: Words, *, file: str, now: datetime) -> Record:
    cells = row.cells
    parts = [_text(one.read(cells)) for one in mapping.identity]
    if not all(parts):
        raise _Bad(
            "identity", "no_identity", "What identifies the row is empty; without it a second import would double it."
        )
    said = {name: _field(name, one, cells, words) for name, one in mapping.fields.items() if name in (*TEXTS, *FACTS)}
    _not_longer("identity", " / ".join(parts))
    _fits(said)
    stamps = {name: _time(name, one, cells, mapping, now) for name, one in mapping.fields.items() if name in TIMES}
    times, doubts = judged({name: at for name, at in stamps.items() if at is not None})
    if "detected_at" not in times:
        raise _Bad("detected_at", "no_time", "No time says when it was noticed.")
    affected = [name for one in mapping.affected for name in _names(one.read(cells))]
    findings = tuple(_findings(mapping.findings, cells, words))
    if sum(one.primary for one in findings) > 1:
        raise _Bad("findings.primary", "primary_twice", "Only one finding of an incident is the primary one.")
    service = _text(mapping.service.read(cells)) if mapping.service else ""
    _known_word("service", mapping.service, cells)
    return Record(
        file=file,
        line=row.line,
        identity=" / ".join(parts),
        fields=said,
        times=times,
        service=service,
        affected=tuple(dict.fromkeys(name for name in affected if name != service)),
        findings=findings,
        actions=tuple(_actions(mapping, cells, words)),
        doubts=doubts,
    )


def judged(times: dict[str, datetime]) -> tuple[dict[str, datetime], tuple[Doubt, ...]]:
    """The times in an order that holds, and the doubts: out of order, or all at one instant.

    Of two times that contradict each other nobody knows which is right, so both are doubted; where the end lies before
    the beginning it is put on the latest time, so that the incident is over. A doubted time gives no duration.
    """
    order = [name for name in TIMES if name in times]
    doubts: dict[str, Doubt] = {}
    latest = max(times.values(), default=EARLIEST)
    for earlier, later in combinations(order, 2):
        if times[later] < times[earlier]:
            for name, other, how in ((earlier, later, "after"), (later, earlier, "before")):
                one = Doubt(name, f"lies {how} {other}, so neither is sure", times[name].isoformat())
                doubts.setdefault(name, one)
    begins, ends = order[0] if order else "", "resolved_at"
    if ends in times and begins != ends and times[ends] == times[begins] and not doubts:
        told = f"is the same as {begins}: written down afterwards, how long it took is unknown"
        doubts[ends] = Doubt(ends, told, times[ends].isoformat())
    kept = dict(times)
    if doubts.keys() & {ends} and times.get(ends, latest) < latest:
        kept[ends] = latest
    return _in_order(kept, doubts), tuple(doubts[name] for name in TIMES if name in doubts)


def _in_order(times: dict[str, datetime], doubts: Dict[str, Doubt]) -> dict[str, datetime]:
    """Doubted times that would still break the order are left out, except the first sight and the end."""
    kept, last = {}, EARLIEST
    end = times.get("resolved_at")
    for name in TIMES:
        at = times.get(name)
        if at is None:
            continue
        broken = at < last or (end is not None and at > end)
        if name in doubts and broken and name not in ("detected_at", "resolved_at"):
            continue
        kept[name], last = at, max(last, at)
    return kept


def _fits(said: Dict[str, str]) -> None:
    if not said["title"]:
        raise _Bad("title", "no_title", "The title is empty.")
    least, most = said.get("share_from"), said.get("share_until")
    if most and not least:
        raise _Bad("share_from", "share_incomplete", "A share that has an end needs a beginning: map `share_from` too.")
    if least and most and Decimal(least) > Decimal(most):
        raise _Bad("share_until", "share_inverted", f"The share ends with {most} % before it begins with {least} %.")


def _field(name: str, value: Value, cells: Dict[str, Any], words: Words) -> str:
    found = _text(value.read(cells))
    known: Dict[str, Collection[str]] = {
        "severity": words.severity,
        "type": words.type,
        "detected_by": words.detected_by,
        "first_blame": words.layer,
        "monitors_green": words.green,
    }
    _known_word(name, value, cells)
    if found and name in known and found not in known[name]:
        raise _Bad(name, "unknown_word", _cure(found, known[name]))
    if name == "source_url" and found and not found.startswith(("https://", "http://")):
        raise _Bad(name, "no_address", f"{found[:80]!r} is no address that begins with https:// or http://.")
    _not_longer(name, found)
    return _number(name, found) if found and name in _MOST else found


def _not_longer(name: str, found: str) -> None:
    if len(found) > LONGEST.get(name, 10_000):
        raise _Bad(name, "too_long", f"{name} has {len(found)} characters; {LONGEST.get(name, 10_000)} are possible.")


def _number(name: str, found: str) -> str:
    """A share in percent with up to three places, or a count, in one spelling."""
    most, step = _MOST[name], Decimal(1) if name == "bad_count" else Decimal("0.001")
    try:
        number = Decimal(found.removesuffix("%").strip())
        fits = number.is_finite() and 0 <= number <= most and number == number.quantize(step)
    except ArithmeticError:
        fits = False
    if not fits:
        what = "a whole number" if name == "bad_count" else "a percentage from 0 to 100 with up to three places"
        raise _Bad(name, "bad_number", f"{found[:60]!r} is not {what}.")
    return f"{number.normalize():f}"


def _known_word(name: str, value: Value | None, cells: Dict[str, Any]) -> None:
    if value is not None and (word := value.unknown(cells)):
        raise _Bad(name, "unmapped", f"`values` says nothing of {word[:80]!r}; add it, or an `otherwise`.")


def _cure(found: str, known: Collection[str]) -> str:
    return f"{found[:80]!r} is not known; use `values` to map it to one of {', '.join(known)}."


def _time(name: str, value: Value, cells: Dict[str, Any], mapping: Mapping, now: datetime) -> datetime | None:
    told = value.read(cells)
    if told in ("", None):
        return None
    at = _stamp(name, told, mapping)
    if not EARLIEST <= at <= now + timedelta(days=1):
        raise _Bad(name, "impossible_time", f"{str(told)[:60]} lies {'in the future' if at > now else 'before 1990'}.")
    return at


def _stamp(name: str, told: Any, mapping: Mapping) -> datetime:
    try:
        if mapping.stamp == "iso":
            at = datetime.fromisoformat(str(told).strip())
        elif mapping.stamp in ("unix", "unix_ms"):
            at = datetime.fromtimestamp(float(told) / (1000 if mapping.stamp == "unix_ms" else 1), UTC)
        else:
            at = _patterned(str(told).strip(), mapping)
        return at.replace(tzinfo=at.tzinfo or mapping.zone).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        message = f"{str(told)[:60]!r} is no time of the format {mapping.stamp!r}; say `times: format:`."
        raise _Bad(name, "bad_time", message) from error


def _patterned(text: str, mapping: Mapping) -> datetime:
    """A time written by the mapping's pattern, to the second; one that names its own distance from UTC keeps it."""
    parts = time.strptime(text, mapping.stamp)
    own = None if parts.tm_gmtoff is None else timezone(timedelta(seconds=parts.tm_gmtoff))
    return datetime(*parts[:6], tzinfo=own or mapping.zone)


def _findings(parts: Collection[Part], cells: Dict[str, Any], words: Words) -> Iterator[Finding]:
    for said in _each(parts, cells):
        layer, mode = said.get("layer", ""), said.get("mode", "")
        if mode and "." not in mode and layer:
            mode = f"{layer}.{mode}"
        layer = layer or mode.partition(".")[0]
        if not layer:
            continue
        for name, found, known in (
            ("layer", layer, words.layer),
            ("mode", mode, words.mode),
            ("role", said.get("role", ""), words.role),
            ("confidence", said.get("confidence", ""), words.confidence),
            ("state", said.get("state", ""), words.state),
        ):
            if found and found not in known:
                raise _Bad(f"findings.{name}", "unknown_word", _cure(found, sorted(known)[:20]))
        if mode and mode.partition(".")[0] != layer:
            raise _Bad("findings.mode", "other_layer", f"{mode} belongs to another layer than {layer}.")
        if said.get("state") == "reviewed" and not (mode and said.get("evidence")):
            raise _Bad("findings.state", "reviewed_unshown", "A reviewed finding names its mode and its evidence.")
        primary = said.get("primary", "").lower() in ("1", "true", "yes")
        optional = {name: said[name] for name in ("role", "confidence", "state") if said.get(name)}
        yield Finding(
            layer,
            mode,
            component=said.get("component", ""),
            evidence=said.get("evidence", ""),
            primary=primary,
            **optional,
        )


def _actions(mapping: Mapping, cells: Dict[str, Any], words: Words) -> Iterator[Action]:
    for said in _each(mapping.actions, cells):
        if not said.get("title"):
            continue
        if said.get("kind") and said["kind"] not in words.kind:
            raise _Bad("actions.kind", "unknown_word", _cure(said["kind"], words.kind))
        _not_longer("title", said["title"])
        said |= {name: _day(f"actions.{name}", said[name], mapping) for name in ("due_on", "done_on") if said.get(name)}
        yield Action(**{name: text for name, text in said.items() if text})


def _day(field: str, told: str, mapping: Mapping) -> str:
    """A day as 2026-03-31, of a day or of a time in the mapping's format and zone."""
    try:
        return date.fromisoformat(told).isoformat()
    except ValueError:
        return _stamp(field, told, mapping).astimezone(mapping.zone).date().isoformat()


def _each(parts: Collection[Part], cells: Dict[str, Any]) -> Iterator[dict[str, str]]:
    for part in parts:
        if part.when is not None and not part.when.read(cells):
            continue
        entries = part.each.read(cells) if part.each else [cells]
        for entry in entries if isinstance(entries, list) else []:
            within = entry if isinstance(entry, dict) else {"value": entry}
            for name, value in part.values.items():
                _known_word(name, value, within)
            yield {name: _text(value.read(within)) for name, value in part.values.items()}


def _names(found: Any) -> list[str]:
    return (
        [name for one in found if (name := _text(one))] if isinstance(found, list) else [_text(found)] if found else []
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("\0", "").strip() if not isinstance(value, dict | list) else ""
