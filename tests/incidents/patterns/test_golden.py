"""The answers over a published history of incidents, imported as anybody would; skipped where that data is absent."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from incidents.history import examples
from incidents.patterns.queries import base
from incidents.patterns.questions import BY_SLUG
from incidents.patterns.questions.asking import Asked, about
from incidents.patterns.window import Window
from incidents.response.models import DoubtedTime, Incident
from ownership.models import Person
from tests import factories as make

pytestmark = pytest.mark.django_db

FIRST, LAST = "2022-06-01", "2024-08-31"


@pytest.fixture
def maya(shared: Path) -> Person:
    """Somebody who looks at 542 incidents of LLM providers."""
    maya = make.person("Maya Okafor", role="admin")
    path = shared / "incident-data" / "llm-service-analysis-icpe25" / "clean" / "incident_stages.csv"
    mapping = str(examples.FOLDER / "llm-providers.yaml")
    call_command("import_incidents", str(path), "--mapping", mapping, stdout=StringIO())
    return maya


def of_openai(maya: Person) -> Asked:
    """Asked about the incidents of one provider, also those that name none of its services."""
    asked = about(Window.from_query({"from": FIRST, "to": LAST}, timezone.now()), maya)
    mine = asked.scope.narrowed(
        "p.incident_id IN (SELECT incident_id FROM incidents_historyrow WHERE starts_with(key, %(provider)s))",
        provider="openai",
    )
    return Asked(asked.window, maya, mine, base.base(mine))


def test_one_month_stands_out_of_the_published_27(maya: Person) -> None:
    answer = BY_SLUG["changing"].ask(of_openai(maya))
    counts = [4, 3, 8, 9, 1, 4, 8, 15, 17, 22, 9, 15, 12, 18, 14, 19, 6, 16, 10, 11, 14, 34, 17, 24, 14, 10, 15]
    assert answer.column("incidents") == counts
    flagged = [line.values["month"] for line in answer.lines if line.values["signal"]]
    assert flagged == [date(2024, 3, 1)]
    assert answer.headline.startswith("March 2024 stands out")
    assert any("cluster" in note for note in answer.notes)


def test_what_cannot_be_true_has_no_length(maya: Person) -> None:
    """Of 542 rows 66 end as they begin; in five the stages cross, and only what begins or ends there is lost."""
    asked = about(Window.from_query({"from": "2021-01-01", "to": LAST}, timezone.now()), maya)
    answer = BY_SLUG["durations"].ask(asked)
    spans = {line.values["span"]: line.values["n"] for line in answer.lines}
    assert asked.base.incidents == 542
    for span, end in (("Until resolved", "resolved_at"), ("Until users were well", "mitigated_at")):
        doubted = DoubtedTime.objects.filter(field__in=("detected_at", end)).values("incident")
        whole = Incident.objects.exclude(pk__in=doubted).filter(**{f"{end}__gt": F("detected_at")})
        assert spans[span] == whole.count()
        assert Incident.objects.filter(pk__in=doubted, **{f"{end}__gt": F("detected_at")}).exists()
    assert spans["Until resolved"] == 542 - 66 - 2
