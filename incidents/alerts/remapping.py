"""A source's own mapping: each change is a new version, and the one before it stays on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Max

from incidents.alerts.mapping_models import SourceMapping
from incidents.alerts.models import Source
from incidents.alerts.sources import mapping, registry
from ownership.models import Person
from web.errors import DomainError, Invalid, translated

SHOWN = 10


class NotMapped(DomainError):
    """This kind of source is read by its adapter alone and takes no mapping."""

    code = "not_mapped"


class MappingChanged(DomainError):
    """Somebody saved another version meanwhile; yours is kept below. Look at theirs, then save again."""

    code = "mapping_changed"


def current_of(source_ids: Collection[int]) -> Mapping[int, SourceMapping]:
    """The current mapping of each source that has one of its own; one query."""
    found = SourceMapping.objects.filter(source__in=source_ids, superseded_at__isnull=True)
    return {one.source_id: one for one in found}


def versions_of(source: Source) -> list[SourceMapping]:
    """The newest versions of a source's mapping, at most SHOWN."""
    found = SourceMapping.objects.filter(source=source).select_related("made_by")
    return list(found.order_by("-version")[:SHOWN])


def supersede(source: Source, *, text: str, over: int | None, by: Person, now: datetime) -> SourceMapping:
    """From now on deliveries are read by this text; the same text twice is once.

    `over` is the version that the writer saw, 0 for the default, None for any. Invalid names the line and the cure.
    """
    _require_mapped(source)
    text = text.replace("\r\n", "\n").strip() + "\n"
    wrong = mapping.problem(text) if text.strip() else "The mapping is empty; write one, or go back to the default."
    if wrong:
        raise Invalid(wrong, field="text")
    with translated():
        current = _locked(source, over)
        if current is not None and current.text == text:
            return current
        _end(current, now)
        last = SourceMapping.objects.filter(source=source).aggregate(last=Max("version"))["last"] or 0
        return SourceMapping.objects.create(source=source, version=last + 1, text=text, made_by=by, known_from=now)


def drop(source: Source, *, by: Person, now: datetime) -> None:
    """Back to the default mapping; twice is once."""
    _require_mapped(source)
    with translated():
        _end(_locked(source, None), now)


def _locked(source: Source, over: int | None) -> SourceMapping | None:
    """The current version, its source locked, so that two savings come one after the other."""
    Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    current = SourceMapping.objects.filter(source=source, superseded_at__isnull=True).first()
    if over is not None and over != (current.version if current else 0):
        raise MappingChanged
    return current


def _end(current: SourceMapping | None, now: datetime) -> None:
    if current is not None:
        current.superseded_at = now
        current.save(update_fields=["superseded_at"])


def _require_mapped(source: Source) -> None:
    if not registry.takes_mapping(source.kind):
        raise NotMapped
