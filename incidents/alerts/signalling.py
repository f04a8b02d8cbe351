"""The last word on the quality of a service's answers, kept by the digest: one row for each service and sort.

A reading is such a word by its source's kind, by its label `signal`, or by what its alert is about: an eval suite or a
guardrail. What resolved counts as well as what fires, and so does a check that found nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from incidents.alerts.models import Alert
from incidents.alerts.sources.reading import State
from incidents.alerts.watch_models import QualitySignal, SignalSort, SignalState
from incidents.response.models import Incident
from incidents.response.vocabulary import DetectedBy
from ownership.queries import resolving

LABEL = "signal"
KINDS = {"langsmith": SignalSort.EVAL, "bedrock-guardrail": SignalSort.GUARDRAIL, "report": SignalSort.REPORT}
WORDS = {
    "eval": SignalSort.EVAL,
    "evaluation": SignalSort.EVAL,
    "guardrail": SignalSort.GUARDRAIL,
    "report": SignalSort.REPORT,
    "user_report": SignalSort.REPORT,
}
STATES = {State.FIRING: SignalState.FAILING, State.RESOLVED: SignalState.OK}

_KEEP = """
WITH meant AS (
    SELECT COALESCE(told.named_id, alert.service_id, told.service_id) AS service_id, told.source_id, told.problem_key,
        told.state, told.at, told.received_at,
        COALESCE(told.sort, CASE component.kind WHEN 'eval_suite' THEN 'eval' WHEN 'guardrail' THEN 'guardrail' END)
            AS sort
    FROM jsonb_to_recordset(%s::jsonb) AS told(
        source_id bigint, problem_key text, sort text, state text, at timestamptz, received_at timestamptz,
        named_id bigint, service_id bigint
    )
    LEFT JOIN LATERAL (
        SELECT service_id, component_id FROM incidents_alert AS alert
        WHERE alert.source_id = told.source_id AND alert.problem_key = told.problem_key
          AND alert.service_id IS NOT NULL
        ORDER BY alert.started_at DESC LIMIT 1
    ) AS alert ON true
    LEFT JOIN ownership_component AS component ON component.id = alert.component_id
)
INSERT INTO incidents_qualitysignal (service_id, sort, state, source_id, problem_key, at, received_at)
SELECT DISTINCT ON (service_id, sort) service_id, sort, state, source_id, problem_key, at, received_at FROM meant
WHERE service_id IS NOT NULL AND sort IS NOT NULL
ORDER BY service_id, sort, at DESC, received_at DESC, state DESC
ON CONFLICT (service_id, sort) DO UPDATE SET
    state = EXCLUDED.state, source_id = EXCLUDED.source_id, problem_key = EXCLUDED.problem_key,
    at = EXCLUDED.at, received_at = EXCLUDED.received_at
WHERE EXCLUDED.at >= incidents_qualitysignal.at
"""


@dataclass(frozen=True)
class Word:
    """What a reading of this source said of its problem, and when."""

    source_id: int
    kind: str
    problem_key: str
    state: State
    labels: Mapping[str, str]
    at: datetime
    received_at: datetime
    of_component: bool = (
        True  # False: no alert of it is about a component, so neither about an eval suite nor a guardrail
    )

    @property
    def sort(self) -> SignalSort | None:
        """What looks at quality here, where the kind or the label `signal` tells."""
        return sort_of(self.kind, self.labels)


def sort_of(kind: str, labels: Mapping[str, str]) -> SignalSort | None:
    """Which sort of signal about quality this is; None when neither the source's kind nor the label says it is one."""
    return KINDS.get(kind) or WORDS.get(labels.get(LABEL, "").lower())


def noticed_by(kind: str, labels: Mapping[str, str]) -> DetectedBy:
    """Who noticed, as an incident that this opens has it."""
    sort = sort_of(kind, labels)
    if sort is SignalSort.REPORT:
        by_us = labels.get("reported_by") == "colleague"
        return DetectedBy.INTERNAL_USER if by_us else DetectedBy.USER_REPORT
    return DetectedBy.ONLINE_EVAL if sort is SignalSort.EVAL else DetectedBy.MONITOR


def keep(words: Iterable[Word]) -> None:
    """Keep the newest word of each service and sort, after the alerts were saved.

    One statement for any number; where kind or label say that it is about quality, the labels are looked up as well,
    because a check that never failed has no alert that knows its service.
    """
    latest: dict[tuple[int, str], Word] = {}
    for word in words:
        if not word.of_component and word.sort is None:
            continue
        before = latest.get((word.source_id, word.problem_key))
        if _state_of(word) is not None and (before is None or word.at >= before.at):
            latest[word.source_id, word.problem_key] = word
    _write(list(latest.values()))


def service_named(*, incident: Incident, now: datetime) -> None:
    """A person said which service an incident is about: what its alerts say counts for that service."""
    alerts = Alert.objects.filter(incident=incident, is_test=False, dismissed_at=None).select_related("source")
    words = [
        Word(
            alert.source_id,
            alert.source.kind,
            alert.problem_key,
            State.RESOLVED if alert.resolved_at else State.FIRING,
            alert.labels,
            alert.resolved_at or alert.last_event_at,
            alert.last_received_at,
        )
        for alert in alerts.order_by("-last_received_at", "pk")[:500]
    ]
    _write([word for word in words if word.sort], named_id=incident.service_id)


def withdraw(alert: Alert) -> None:
    """What a dismissed report said no longer counts: the newest of its service that stands speaks, or nobody."""
    told = QualitySignal.objects.filter(sort=SignalSort.REPORT, source=alert.source_id, problem_key=alert.problem_key)
    for signal in told:
        reports = Alert.objects.filter(source=alert.source_id, service=signal.service_id, is_test=False)
        newest = reports.filter(dismissed_at=None).order_by("-last_event_at", "-pk").first()
        if newest is None:
            signal.delete()
            continue
        signal.problem_key, signal.at = newest.problem_key, newest.resolved_at or newest.last_event_at
        signal.received_at = newest.last_received_at
        signal.state = SignalState.OK if newest.resolved_at else SignalState.FAILING
        signal.save()


def _write(words: Sequence[Word], *, named_id: int | None = None) -> None:
    if not words:
        return
    about = [word for word in words if word.sort] if named_id is None else []
    subjects = resolving.subjects_of([word.labels for word in about]) if about else []
    services = {
        (word.source_id, word.problem_key): subject.service.pk
        for word, subject in zip(about, subjects, strict=True)
        if subject.service
    }
    rows = [
        {
            "source_id": word.source_id,
            "problem_key": word.problem_key,
            "sort": word.sort,
            "state": _state_of(word),
            "at": word.at.isoformat(),
            "received_at": word.received_at.isoformat(),
            "named_id": named_id,
            "service_id": services.get((word.source_id, word.problem_key)),
        }
        for word in words
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [json.dumps(rows)])


def _state_of(word: Word) -> SignalState | None:
    """None for what says nothing about quality, such as a monitor gone blind."""
    if word.state is State.NOT_AN_ALERT:
        return SignalState.OK if word.kind in KINDS else None
    return STATES.get(word.state)
