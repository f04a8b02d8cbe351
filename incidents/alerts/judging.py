"""Whether messages that say that Amazon SNS sent them are believed: asked in the digest, without leaving the house.

A message is held while the certificate that it names is not here; a task fetches it (certifying) and lets it go on.
What SNS did not sign is rejected with its reason. A subscription that asks to be confirmed becomes a row that another
task works on (confirming), and only once its signature was found genuine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from incidents.alerts.models import Delivery, DeliveryState, SnsCheck, Source
from incidents.alerts.sources import sns
from incidents.alerts.trust_models import SnsCertificate

KIND = "cloudwatch"
AGAIN = timedelta(minutes=10)  # after that a certificate that was given up is tried again for a new message
MOST_WANTED = 20  # certificates at once; SNS has one a region and changes it about once a year
_WANT = """
INSERT INTO incidents_snscertificate (url, pem, wanted_at, next_try_at, attempts, reason)
SELECT url, '', %(now)s, %(now)s, 0, '' FROM unnest(%(urls)s::text[]) AS url
WHERE (SELECT count(*) FROM incidents_snscertificate WHERE next_try_at IS NOT NULL) < %(most)s
ON CONFLICT (url) DO UPDATE
SET wanted_at = EXCLUDED.wanted_at, next_try_at = EXCLUDED.next_try_at, failed_at = NULL, attempts = 0, reason = ''
WHERE incidents_snscertificate.failed_at <= %(again)s
"""
_ASK = """
INSERT INTO incidents_topicsubscription (source_id, topic, url, state, asked_at, next_try_at, attempts, reason)
SELECT source_id, topic, url, state, asked_at, CASE WHEN state = 'due' THEN %(now)s END, 0, ''
FROM jsonb_to_recordset(%(asked)s::jsonb)
    AS one(source_id bigint, topic text, url text, state text, asked_at timestamptz)
ON CONFLICT (source_id, topic) DO UPDATE
SET url = EXCLUDED.url, state = EXCLUDED.state, asked_at = EXCLUDED.asked_at, next_try_at = EXCLUDED.next_try_at,
    attempts = 0, reason = ''
WHERE incidents_topicsubscription.asked_at <= EXCLUDED.asked_at
"""
_ENDED = """
UPDATE incidents_topicsubscription AS subscription SET state = 'ended', next_try_at = NULL
FROM jsonb_to_recordset(%s::jsonb) AS one(source_id bigint, topic text, asked_at timestamptz)
WHERE subscription.source_id = one.source_id AND subscription.topic = one.topic
    AND subscription.asked_at <= one.asked_at
"""


@dataclass(frozen=True)
class Verdict:
    """Why a delivery is not read: rejected, or held until a certificate is here."""

    state: DeliveryState
    reason: str


def judge(deliveries: Iterable[Delivery], *, now: datetime) -> dict[Any, Verdict]:
    """By delivery, why it is not read; those not named are read. No statement where no CloudWatch source asks."""
    asking = [one for one in deliveries if one.source.kind == KIND and one.source.sns_check != SnsCheck.OFF]
    asking = [one for one in asking if not one.is_test]  # the test button is ours, and not signed
    messages = {one.pk: sns.envelope(bytes(one.body)) for one in asking}
    urls = {sns.certificate_url(message) for message in messages.values() if message} - {None}
    certificates = SnsCertificate.objects.filter(url__in=urls).in_bulk(field_name="url") if urls else {}
    bench = _Bench(certificates, now)
    verdicts = {one.pk: bench.verdict(one, messages[one.pk]) for one in asking}
    bench.write()
    return {pk: verdict for pk, verdict in verdicts.items() if verdict is not None}


class _Bench:
    """Hears one batch of deliveries, and writes down what it wants and was asked for in three statements."""

    def __init__(self, certificates: dict[str, SnsCertificate], now: datetime) -> None:
        self._certificates, self._now = certificates, now
        self._wanted: set[str] = set()
        self._asked: dict[tuple[int, str], dict[str, Any]] = {}
        self._ended: dict[tuple[int, str], dict[str, Any]] = {}

    def verdict(self, delivery: Delivery, message: dict[str, Any] | None) -> Verdict | None:
        """None when it may be read."""
        source = delivery.source
        if message is None:
            if source.sns_check != SnsCheck.REQUIRE:
                return None
            return _rejected("it is not in the envelope of SNS, and this source takes only what SNS signed")
        try:
            return self._heard(source, delivery, message)
        except sns.NotSigned as error:
            return _rejected(f"it says that SNS sent it, but {error}")

    def _heard(self, source: Source, delivery: Delivery, message: dict[str, Any]) -> Verdict | None:
        url, topic = sns.certificate_url(message), sns.topic(message)
        if url is None:
            raise sns.NotSigned("it names no certificate on an address of SNS")
        certificate = self._certificates.get(url)
        if certificate is None or not (certificate.pem or self._is_given_up(certificate)):
            self._wanted.add(url)
            return Verdict(DeliveryState.HELD, "it waits for the certificate that SNS signed it with")
        if not certificate.pem:
            return _rejected(f"its signature cannot be checked: {certificate.reason}")
        sns.require_genuine(message, certificate.pem, at=delivery.received_at)
        if message["Type"] == sns.SUBSCRIPTION:
            self._ask(source, delivery, message, topic)
        elif message["Type"] == sns.UNSUBSCRIPTION:
            self._ended[source.pk, topic] = _row(source, topic, delivery)
        elif source.topics and topic not in source.topics:
            return _rejected(f"its topic {topic} is not on the source's list")
        return None

    def _is_given_up(self, certificate: SnsCertificate) -> bool:
        return certificate.failed_at is not None and certificate.failed_at > self._now - AGAIN

    def _ask(self, source: Source, delivery: Delivery, message: dict[str, Any], topic: str) -> None:
        url = sns.subscribe_url(message)
        if url is None:
            raise sns.NotSigned("the address that would confirm it is not one of SNS for this topic")
        state = "due" if topic in source.topics else "refused" if source.topics else "waiting"
        self._asked[source.pk, topic] = {**_row(source, topic, delivery), "url": url, "state": state}

    def write(self) -> None:
        """Certificates to fetch, subscriptions to confirm or to forget."""
        with connection.cursor() as cursor:
            if self._wanted:
                urls, again = sorted(self._wanted), self._now - AGAIN
                cursor.execute(_WANT, {"urls": urls, "most": MOST_WANTED, "again": again, "now": self._now})
            if self._asked:
                cursor.execute(_ASK, {"asked": json.dumps(list(self._asked.values())), "now": self._now})
            if self._ended:
                cursor.execute(_ENDED, [json.dumps(list(self._ended.values()))])


def _rejected(reason: str) -> Verdict:
    return Verdict(DeliveryState.REJECTED, reason)


def _row(source: Source, topic: str, delivery: Delivery) -> dict[str, Any]:
    return {"source_id": source.pk, "topic": topic, "asked_at": delivery.received_at.isoformat()}
