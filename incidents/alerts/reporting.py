"""Reports that people file by hand: one statement keeps the delivery and who filed it; editors may dismiss it.

From here on a report goes the way of every alert. Its text stays in the delivery's body, for its filer and for editors.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, connection, transaction

from incidents.alerts import signalling
from incidents.alerts.models import Alert, DeliveryState, Source
from incidents.alerts.report_models import Report
from incidents.alerts.sources import report
from incidents.alerts.sources.reading import clean
from incidents.response import lifecycle, timeline
from incidents.response.models import Incident
from incidents.response.vocabulary import DeclaredVia, TimelineKind
from ownership.models import Person, Service
from web.errors import DomainError, Invalid, translated

KIND, NAME = "report", "Reports filed here"
LONGEST = 20_000  # characters of what was asked, answered or expected
SHORT = 200  # characters of an id or a place
_IDS = UUID("5ea11e00-0000-4000-8000-000000000001")

# Both rows or neither; a second click finds the first one's delivery and writes nothing.
_FILE = """
WITH filed AS (
    INSERT INTO incidents_delivery (id, source_id, received_at, content_type, headers, body, state, reason, attempts,
        is_test)
    VALUES (%(id)s, %(source)s, %(now)s, 'application/json', '{}'::jsonb, %(body)s, %(state)s, '', 0, false)
    ON CONFLICT (id) DO NOTHING RETURNING id
)
INSERT INTO incidents_report (delivery_id, filed_by_id, filed_at, service_id, dismissed_why)
SELECT filed.id, %(by)s, %(now)s, %(service)s, '' FROM filed
"""


class NotReadYet(DomainError):
    """This report is still being read; try again in a moment."""

    code = "not_read_yet"


class AlreadyDismissed(DomainError):
    """Somebody called this report no problem already."""

    code = "already_dismissed"


@dataclass(frozen=True)
class Said:
    """What a person reports; all of it may be empty but one of the first three. `by` is `user` or `colleague`."""

    asked: str = ""
    answered: str = ""
    expected: str = ""
    where: str = ""
    trace_id: str = ""
    prompt_version: str = ""
    model_version: str = ""
    index_version: str = ""
    by: str = "user"


def source() -> Source:
    """The built-in source of reports, made when it is first needed; nobody knows its key."""
    found = Source.objects.filter(kind=KIND, built_in=True).first()
    if found is not None:
        return found
    for name in (NAME, f"{NAME} ({secrets.token_hex(3)})"):  # somebody may have called a source of theirs so
        try:
            with transaction.atomic():
                return Source.objects.create(kind=KIND, name=name, built_in=True)
        except IntegrityError:
            found = Source.objects.filter(kind=KIND, built_in=True).first()
            if found is not None:
                return found
    raise Invalid("Reports cannot be taken just now; try again.")


def file(said: Said, *, key: UUID, by: Person, now: datetime, service: Service | None = None) -> UUID:
    """Keep a report and answer its id; filed twice under one key it is one report."""
    _require_words(said)
    number = uuid5(_IDS, f"{by.pk}:{key}")
    written = {name: clean(text) for name, text in vars(said).items() if text.strip()}
    body = {"id": str(number), **written, **({"service": service.slug} if service else {}), "at": now.isoformat()}
    facts: dict[str, Any] = {
        "id": number,
        "source": source().pk,
        "now": now,
        "body": json.dumps(body).encode(),
        "state": DeliveryState.WAITING.value,
        "by": by.pk,
        "service": service.pk if service else None,
    }
    with translated(), connection.cursor() as cursor:
        cursor.execute(_FILE, facts)
    return number


def dismiss(found: Report, *, why: str, by: Person, now: datetime) -> None:
    """It is not a problem: the report ends with the reason, stays on record and counts in no pattern.

    Its incident ends with it, once nothing else in it is real.
    """
    why = why.strip()
    if not why:
        raise Invalid("Say why it is not a problem; who filed it reads that.", field="why")
    with translated():
        current = Report.objects.select_for_update(of=("self",)).select_related("delivery").get(pk=found.pk)
        if current.dismissed_at is not None:
            raise AlreadyDismissed
        if current.delivery.state == DeliveryState.WAITING:
            raise NotReadYet
        current.dismissed_at, current.dismissed_by, current.dismissed_why = now, by, why
        current.save(update_fields=["dismissed_at", "dismissed_by", "dismissed_why"])
        alerts = Alert.objects.filter(source=current.delivery.source_id, problem_key=current.problem_key)
        for alert in alerts.select_for_update(no_key=True).order_by("pk"):
            _end(alert, why=why, by=by, now=now)


def _end(alert: Alert, *, why: str, by: Person, now: datetime) -> None:
    alert.dismissed_at = now
    if alert.resolved_at is None:
        alert.resolved_at = max(now, alert.started_at)
    alert.save(update_fields=["dismissed_at", "resolved_at"])
    signalling.withdraw(alert)
    if alert.incident_id is None:
        return
    incident = Incident.objects.get(pk=alert.incident_id)
    said = f"A report of it is not a problem: {why}"  # an editor decides about reports; that is no part in the incident
    timeline.add(incident, TimelineKind.NOTE, at=now, now=now, by=by, text=said)
    others = Alert.objects.filter(incident=incident, dismissed_at=None).exists()
    if not others and incident.declared_via == DeclaredVia.ALERT and incident.resolved_at is None:
        lifecycle.resolve(incident, by=by, now=now, at=max(now, incident.detected_at))


def _require_words(said: Said) -> None:
    if not any(getattr(said, name).strip() for name in report.WORDS):
        raise Invalid("Say at least what it answered, or what you expected.", field="answered")
    for name, text in vars(said).items():
        longest = LONGEST if name in report.WORDS else SHORT
        if len(text) > longest:
            raise Invalid(f"This is longer than {longest} characters; shorten it.", field=name)
