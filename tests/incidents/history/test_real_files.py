"""The shipped mappings on public incident data, when the folder of real data is there: nothing of it is kept here."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F, Q, QuerySet

from incidents.history import examples
from incidents.history.models import HistoryRow
from incidents.response.models import AffectedService, DoubtedTime, Escalation, Incident, TimelineRow
from ownership.models import Notice, Service
from tests import factories as make

pytestmark = pytest.mark.django_db


PUBLISHED = {  # hours from the first word to the end, by the authors of the data
    "OpenAI API": 2.56,
    "ChatGPT": 3.64,
    "DALL·E": 3.03,
    "Playground": 2.95,
    "Anthropic API": 2.81,
    "Claude": 3.16,
    "Anthropic Console": 2.05,
    "Character.AI": 3.95,
}


def mean_hours(incidents: QuerySet[Incident], service: Service) -> float:
    """Over the incidents that touched a service and whose length is known."""
    touched = AffectedService.objects.filter(service=service).values("incident")
    mine = incidents.filter(Q(pk__in=touched) | Q(service=service))
    spans = [(one.resolved_at - one.detected_at).total_seconds() / 3600 for one in mine if one.resolved_at]
    return round(sum(spans) / len(spans), 2)


@pytest.fixture
def data(shared: Path) -> Path:
    return shared / "incident-data"


def bring(path: Path, mapping: str, *options: str) -> dict[str, Any]:
    out = StringIO()
    told = str(examples.FOLDER / f"{mapping}.yaml")
    call_command("import_incidents", str(path), "--mapping", told, "--json", *options, stdout=out)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def test_llm_providers(data: Path) -> None:
    make.person(role="admin")
    path = data / "llm-service-analysis-icpe25" / "clean" / "incident_stages.csv"
    report = bring(path, "llm-providers")
    assert (report["rows"], report["new"], report["refused"]) == (542, 542, False)
    assert {one["code"] for one in report["problems"]} == {"time_doubted"}
    assert Incident.objects.count() == 542
    assert Incident.objects.filter(closed_at=None).count() == 0
    crossed = DoubtedTime.objects.exclude(reason__startswith="is the same").values("incident").distinct()
    assert crossed.count() == 5
    assert Incident.objects.exclude(pk__in=crossed).count() == 537
    flat = DoubtedTime.objects.filter(
        reason__startswith="is the same", field="resolved_at", at=F("incident__resolved_at")
    )
    assert flat.count() == 66
    told = Incident.objects.exclude(pk__in=DoubtedTime.objects.values("incident"))
    means = {name: mean_hours(told, Service.objects.get(name=name)) for name in PUBLISHED}
    assert means == PUBLISHED
    nothing_is_told()
    assert bring(path, "llm-providers")["nothing_to_do"]
    assert TimelineRow.objects.count() == 542


def test_github(data: Path) -> None:
    make.person(role="admin")
    path = data / "github-statuses" / "incidents.jsonl"
    would = bring(path, "github-status", "--dry-run")
    assert (would["new"], Incident.objects.count()) == (801, 0)
    report = bring(path, "github-status")
    assert (report["rows"], report["new"], len(report["skipped"])) == (819, 801, 18)
    assert {one["reason"] for one in report["skipped"]} == {"scheduled maintenance"}
    assert (Incident.objects.count(), HistoryRow.objects.exclude(url="").count()) == (801, 801)
    flat = DoubtedTime.objects.filter(reason__startswith="is the same")
    assert flat.count() == 29
    nothing_is_told()
    again = bring(path, "github-status")
    assert (again["nothing_to_do"], again["unchanged"]) == (True, 801)


def nothing_is_told() -> None:
    assert (Escalation.objects.count(), Notice.objects.count()) == (0, 0)
