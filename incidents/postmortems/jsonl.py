"""Failing examples as JSON Lines, for eval suites and tests of guardrails.

The shape is `seamline.failing_example/1`, described in `static/schemas/failing-example-1.json`. Members may be added
to it; none is renamed, removed or given another meaning without another number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse

from incidents.postmortems.models import FailingExample
from incidents.postmortems.vocabulary import InputFormat

SCHEMA = "seamline.failing_example/1"
CONTENT_TYPE = "application/x-ndjson; charset=utf-8"
FILENAME = "failing-examples.jsonl"


def lines(examples: Iterable[FailingExample]) -> Iterator[bytes]:
    """One line for each."""
    for one in examples:
        yield json.dumps(shape(one), ensure_ascii=False).encode() + b"\n"


def download(examples: Iterable[FailingExample]) -> StreamingHttpResponse:
    """The file, written while it is sent."""
    answer = StreamingHttpResponse(lines(examples), content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{FILENAME}"'
    return answer


def shape(example: FailingExample) -> dict[str, Any]:
    """An example as it leaves the house; what is not known is null."""
    incident = example.incident
    is_json = example.input_format == InputFormat.JSON
    return {
        "schema": SCHEMA,
        "id": str(example.line),
        "version": example.version,
        "input_format": example.input_format,
        "input": json.loads(example.input) if is_json else example.input,
        "expected": example.expected or None,
        "observed": example.observed or None,
        "layer": example.layer,
        "mode": example.mode_id,
        "mode_counts_as": example.mode.counted.code if example.mode else None,
        "guardrail_kind": example.guardrail_kind or None,
        "service": incident.service.slug if incident.service else None,
        "component": example.component.name if example.component else None,
        "tags": example.tags,
        "incident": incident.ref,
        "incident_number": incident.pk,
        "severity": incident.severity,
        "note": example.note or None,
        "source_url": example.source_url or None,
        "created_at": example.created_at.isoformat(),
        "updated_at": example.known_from.isoformat(),
        "url": f"{settings.BASE_URL}{example.get_absolute_url()}",
    }
