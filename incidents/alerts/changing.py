"""Changes recorded, corrected, withdrawn; nothing is overwritten, and what fits no component is kept unplaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.alerts.change_models import Change, ChangeKind, ChangeVia
from incidents.alerts.models import Delivery, Source
from incidents.alerts.sources.reading import Changed, clean, line, link
from ownership.models import Component, Person, Service
from ownership.queries import resolving
from ownership.queries.resolving import COMPONENT_LABEL, SERVICE_LABEL
from web.errors import DomainError, Invalid, translated

AHEAD = timedelta(minutes=5)  # as far as the clocks of two machines may differ
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
HOOK_AHEAD = timedelta(days=1)  # a sender's clock further ahead than this is not believed
CARRIED = ("source", "delivery", "external_key", "via", "labels", "named")


class ChangeChanged(DomainError):
    """Somebody corrected this change meanwhile; look at it again."""

    code = "change_changed"


class Withdrawn(DomainError):
    """This change was withdrawn; record another one."""

    code = "change_withdrawn"


@dataclass(frozen=True)
class Said:
    """What is said of a change. `component` or `service` where it is known; else what `named` and `labels` mean."""

    title: str
    at: datetime
    kind: str = ChangeKind.OTHER
    component: Component | None = None
    service: Service | None = None
    description: str = ""
    before: str = ""
    after: str = ""
    who: str = ""
    link: str = ""
    named: str = ""
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """A change that a source sent, and the delivery that it came in."""

    source: Source
    delivery: Delivery
    changed: Changed


def record(said: Said, *, by: Person, now: datetime, via: str = ChangeVia.HAND, key: str = "") -> tuple[Change, bool]:
    """Record a change; True when it is new. Under a `key` that is known the change that has it is answered, as it is.

    Raises Invalid for a change of the future, and for one without a title.
    """
    _require_sensible(said, now)
    placed, why = _placed(said)
    new = Change(
        **_fields(placed), why=why, named=clean(said.named)[:300], labels=said.labels, via=via, external_key=key,
        recorded_by=by, known_from=now,
    )  # fmt: skip
    if not key:
        with translated():
            new.save(force_insert=True)
        return new, True
    with translated():
        Change.objects.bulk_create([new], ignore_conflicts=True)
    found = Change.objects.get(source=None, external_key=key, superseded_at=None)
    return found, found.line == new.line


def take(sent: Sequence[Sent], *, now: datetime) -> None:
    """Keep what sources sent, each change once; a constant number of statements, in the digest's transaction."""
    if not sent:
        return
    subjects = resolving.subjects_of([one.changed.labels for one in sent])
    Change.objects.bulk_create(
        [
            Change(
                kind=one.changed.kind if one.changed.kind in ChangeKind.values else ChangeKind.OTHER,
                title=one.changed.title,
                description=one.changed.description,
                at=_believed(one),
                component=subject.component,
                service=None if subject.component else subject.service,
                named=line(one.changed.labels.get(COMPONENT_LABEL) or one.changed.labels.get(SERVICE_LABEL, "")),
                why=subject.why,
                labels=dict(one.changed.labels),
                before=one.changed.before,
                after=one.changed.after,
                who=one.changed.who,
                link=one.changed.link,
                via=ChangeVia.HOOK,
                source=one.source,
                delivery=one.delivery,
                external_key=one.changed.key,
                known_from=now,
            )
            for one, subject in zip(sent, subjects, strict=True)
        ],
        ignore_conflicts=True,
    )


def correct(change: Change, said: Said, *, by: Person, now: datetime) -> Change:
    """It was otherwise: the next version of the change. Nothing changed is nothing done.

    Raises ChangeChanged when `change` is no more the current version.
    """
    _require_sensible(said, now)
    fields = _fields(said)
    if all(getattr(change, name) == value for name, value in fields.items()):
        return change
    why = f"placed by {by}" if (fields["component"] or fields["service"]) else "nothing fits what it names"
    kept = change.why if _place_of(change) == (said.component, said.service) else why
    return _next_version(change, by=by, now=now, why=kept, **fields)


def withdraw(change: Change, *, why: str, by: Person, now: datetime) -> Change:
    """It never was: the change leaves every list, and stays on record with the reason."""
    why = clean(why.strip())
    if not why:
        raise Invalid("Say why it is withdrawn; that stays on record.", field="why")
    carried = {name: getattr(change, name) for name in _FIELDS}
    return _next_version(change, by=by, now=now, why=change.why, withdrawn_why=why, **carried)


_FIELDS = ("title", "at", "kind", "component", "service", "description", "before", "after", "who", "link")


def with_(change: Change, **said: Any) -> Said:
    """What is said of a change now, with some of it said otherwise."""
    return Said(**{name: getattr(change, name) for name in _FIELDS} | said)


def _fields(said: Said) -> dict[str, Any]:
    """The columns that people may correct; text as the database can hold it."""
    told = {name: getattr(said, name) for name in _FIELDS}
    told["title"] = line(said.title)
    for name, length in (("before", 300), ("after", 300), ("who", 200)):
        told[name] = line(told[name], length)
    told["description"] = clean(said.description.replace("\r\n", "\n").strip())
    told["link"] = said.link.strip()
    return told


def _placed(said: Said) -> tuple[Said, str]:
    """The same with its place, and why there: as it was named, else by what its labels mean."""
    if said.component is not None:
        return replace(said, service=None), "named when it was recorded"
    labels = {**said.labels, **({COMPONENT_LABEL: said.named} if said.named else {})}
    if said.service is not None and not labels:
        return said, "named when it was recorded"
    if not labels:
        return said, "it named no component"
    [subject] = resolving.subjects_of([labels])
    if subject.component is not None:
        return replace(said, component=subject.component, service=None), subject.why
    return replace(said, service=said.service or subject.service), subject.why


def _require_sensible(said: Said, now: datetime) -> None:
    if not line(said.title):
        raise Invalid("Say what changed.", field="title")
    if said.kind not in ChangeKind.values:
        raise Invalid("Choose one of the kinds of change.", field="kind")
    if said.at > now + AHEAD:
        raise Invalid("A change is recorded once it has happened; this time lies ahead.", field="at")
    if said.at < EARLIEST:
        raise Invalid("That is before the year 2000; check the time.", field="at")
    if said.component is not None and said.service is not None:
        raise Invalid("Name a component or a service, not both.", field="component")
    if said.link.strip() and link("", said.link.strip()) is None:
        raise Invalid("Give a whole address that begins with http:// or https://.", field="link")


def _believed(one: Sent) -> datetime:
    """The sender's time, or that of receipt where it gave none or one from tomorrow."""
    at, received = one.changed.at, one.delivery.received_at
    return at if at is not None and EARLIEST <= at <= received + HOOK_AHEAD else received


def _place_of(change: Change) -> tuple[Component | None, Service | None]:
    return change.component, change.service


def _next_version(change: Change, *, by: Person, now: datetime, **said: Any) -> Change:
    if change.withdrawn_why:
        raise Withdrawn
    with translated():
        if not Change.objects.filter(pk=change.pk, superseded_at=None).update(superseded_at=now):
            raise ChangeChanged
        carried = {name: getattr(change, name) for name in CARRIED}
        return Change.objects.create(line=change.line, recorded_by=by, known_from=now, **carried, **said)
