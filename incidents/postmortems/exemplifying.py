"""Failing examples: recorded, corrected, taken back; what was written before can be erased, and nothing else of it.

They belong to the incident, not to its postmortem, so that they can be kept before one begins and after it is frozen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import transaction

from incidents.alerts.report_models import Report
from incidents.postmortems import redacting
from incidents.postmortems.models import FailingExample
from incidents.postmortems.redacting import Plan
from incidents.postmortems.vocabulary import InputFormat
from incidents.response import standing, timeline
from incidents.response.models import FailureMode, Incident
from incidents.response.vocabulary import TimelineKind
from ownership.models import Component, Person
from web.errors import DomainError, Invalid, translated

LONGEST = 20_000  # characters of an input, of what was expected, of what came
LONGEST_NOTE = 2_000
LONGEST_WHY = 300
MOST_TAGS, LONGEST_TAG = 10, 40
TEXTS = ("input", "expected", "observed", "note")
_TAG = re.compile(r"[\w.:/-]+")
_ORDINARY = {"number", "ip"}  # in addresses: of a trace, of a host


class ExampleChanged(DomainError):
    """Somebody changed this example meanwhile; look at what it says now."""

    code = "example_changed"


@dataclass(frozen=True)
class Said:
    """What is said of an example, before anything is redacted."""

    input: str = ""
    expected: str = ""
    observed: str = ""
    note: str = ""
    input_format: str = InputFormat.TEXT
    layer: str = ""
    mode: FailureMode | None = None
    component: Component | None = None
    guardrail_kind: str = ""
    tags: Sequence[str] = field(default_factory=tuple)
    source_url: str = ""

    @property
    def plan(self) -> Plan:
        """What would be replaced in its texts."""
        if self.input_format == InputFormat.JSON and self.input:
            return redacting.plan([self.expected, self.observed, self.note], as_json=[self.input])
        return redacting.plan([self.input, self.expected, self.observed, self.note])

    def redacted(self, keep: Collection[str] = ()) -> Said:
        """The same without what looks private, but for the values whose codes are kept."""
        plan = self.plan
        is_json = self.input_format == InputFormat.JSON and self.input
        told: dict[str, Any] = {name: plan.apply(getattr(self, name), keep) for name in TEXTS}
        return replace(self, **told | ({"input": plan.apply_json(self.input, keep)} if is_json else {}))


def checked(said: Said) -> Said:
    """The same, tidied; Invalid names the field that cannot be kept as it is."""
    told = {name: getattr(said, name).replace("\r\n", "\n").strip() for name in (*TEXTS, "source_url")}
    tidy = replace(said, **told, tags=_tags(said.tags), layer=said.mode.layer if said.mode else said.layer)
    for name in TEXTS:
        _require_short(getattr(tidy, name), name)
    if not tidy.input:
        raise Invalid("Give the input that failed.", field="input")
    if not (tidy.expected or tidy.observed):
        raise Invalid("Say what was expected, or what came instead.", field="expected")
    if not tidy.layer:
        raise Invalid("Choose the layer that failed.", field="layer")
    if tidy.input_format == InputFormat.JSON:
        try:
            redacting.parsed(tidy.input)
        except redacting.NotJson as error:
            raise Invalid(f"{error} Mend it, or keep it as text.", field="input") from error
    _require_address(tidy.source_url)
    return tidy


def add(
    incident: Incident,
    said: Said,
    *,
    by: Person,
    now: datetime,
    keep: Collection[str] = (),
    report: Report | None = None,
) -> FailingExample:
    """Record an example, redacted but for what is kept (codes of replacements); of a report there is one at a time."""
    standing.require(incident)
    tidy = checked(said)
    with translated():
        made = FailingExample.objects.create(
            **_fields(tidy, keep),
            incident=incident,
            report=report,
            created_at=now,
            created_by=by,
            by=by,
            known_from=now,
        )
        _tell(made, "a failing example recorded", by=by, now=now)
    return made


def correct(
    example: FailingExample, said: Said, *, by: Person, now: datetime, keep: Collection[str] = ()
) -> FailingExample:
    """It is otherwise: the next version. Raises ExampleChanged when `example` is no more the current one."""
    fields = _fields(checked(said), keep)
    if all(getattr(example, name) == value for name, value in fields.items()):
        return example
    with translated():
        return _next_version(example, by=by, now=now, **fields)


def take_back(example: FailingExample, *, why: str, by: Person, now: datetime) -> FailingExample:
    """It is no example after all: it leaves every list and export. Its last version says why and carries no words.

    Invalid for a reason in which something looks private: it cannot be erased.
    """
    why = why.strip()
    if not why:
        raise Invalid("Say why it is taken back.", field="why")
    if len(why) > LONGEST_WHY:
        raise Invalid(f"Say it in at most {LONGEST_WHY} characters.", field="why")
    if redacting.find(why):
        raise Invalid("This looks like private data; a reason stays for good. Say it without.", field="why")
    carried = {name: getattr(example, name) for name in _CARRIED}
    with translated():
        gone = _next_version(example, by=by, now=now, withdrawn_why=why, **carried)
        _tell(gone, "a failing example taken back", by=by, now=now)
    return gone


def erase(example: FailingExample, *, by: Person, now: datetime) -> int:
    """Erase the words of all earlier versions for good, because something slipped through; says of how many.

    That they were there, when and by whom stays on record.
    """
    with translated():
        earlier = FailingExample.objects.filter(line=example.line, superseded_at__isnull=False, erased_at=None)
        count = earlier.update(input="", expected="", observed="", note="", source_url="", erased_at=now, erased_by=by)
        if count:
            _tell(example, "earlier words of a failing example erased", by=by, now=now)
    return count


_CARRIED = ("input_format", "layer", "mode", "component", "guardrail_kind", "tags", "replaced", "kept")


def _next_version(example: FailingExample, *, by: Person, now: datetime, **fields: Any) -> FailingExample:
    with transaction.atomic():
        standing_rows = FailingExample.objects.filter(pk=example.pk, superseded_at=None, withdrawn_why="")
        if not standing_rows.update(superseded_at=now):
            raise ExampleChanged
        return FailingExample.objects.create(
            **fields,
            line=example.line,
            version=example.version + 1,
            incident=example.incident,
            report=example.report,
            created_at=example.created_at,
            created_by=example.created_by,
            by=by,
            known_from=now,
        )


def _fields(tidy: Said, keep: Collection[str]) -> dict[str, Any]:
    """The columns, redacted."""
    plan, clean = tidy.plan, tidy.redacted(keep)
    names = (*TEXTS, "input_format", "layer", "mode", "component", "guardrail_kind", "source_url")
    told = {name: getattr(clean, name) for name in names}
    replaced = redacting.placed([told[name] for name in TEXTS])
    return {**told, "tags": list(tidy.tags), "replaced": replaced, "kept": len(plan.kept(keep))}


def _tags(said: Sequence[str]) -> list[str]:
    tags = sorted({tag.strip().lower() for tag in said if tag.strip()})
    if len(tags) > MOST_TAGS:
        raise Invalid(f"Give at most {MOST_TAGS} tags; these are {len(tags)}.", field="tags")
    for tag in tags:
        if len(tag) > LONGEST_TAG or not _TAG.fullmatch(tag):
            raise Invalid(
                f"“{tag[:LONGEST_TAG]}” cannot be a tag: letters, digits and - _ . : / alone, at most {LONGEST_TAG}.",
                field="tags",
            )
        if redacting.find(tag):
            raise Invalid(f"“{tag}” looks like private data; tags are shown and exported as they are.", field="tags")
    return tags


def _require_short(text: str, name: str) -> None:
    longest = LONGEST_NOTE if name == "note" else LONGEST
    if len(text) > longest:
        raise Invalid(f"This is {len(text):,} characters long; {longest:,} can be kept. Shorten it.", field=name)


def _require_address(address: str) -> None:
    """A web address without anything private in it; nothing here ever fetches it."""
    if not address:
        return
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(address) <= LONGEST_NOTE
    except ValueError:  # such as brackets that do not close
        good = False
    if not good or any(one.isspace() or not one.isprintable() for one in address):
        raise Invalid("Give a whole web address, beginning with http:// or https://.", field="source_url")
    found = {hit.kind for said in (address, unquote(address)) for hit in redacting.find(said)} - _ORDINARY
    if found:
        raise Invalid(
            f"This address carries what looks private ({', '.join(sorted(found))}); give one without.",
            field="source_url",
        )


def _tell(example: FailingExample, text: str, *, by: Person, now: datetime) -> None:
    """On the timeline, which keeps its rows for ever: without a word of the example, or about it."""
    said = {"example": str(example.line)}
    timeline.add(example.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text=text, data=said)
