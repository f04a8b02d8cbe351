"""The small worked example: whole, and filled in once."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from incidents import demo
from incidents.postmortems.models import Postmortem
from incidents.response.models import Finding, Incident
from ownership.models import Service

pytestmark = pytest.mark.django_db


def test_it_tells_a_whole_story() -> None:
    assert demo.fill(now=timezone.now())
    assert Service.objects.count() == 3
    assert Incident.objects.filter(resolved_at=None).count() == 4
    assert {finding.layer for finding in Finding.objects.all()} >= {
        "data",
        "integration",
        "latency",
        "guardrail",
        "model",
    }
    assert [one.state for one in Postmortem.objects.order_by("pk")] == ["published", "draft"]


def test_the_command_fills_once_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_data")
    call_command("demo_data")
    assert capsys.readouterr().out.splitlines() == [
        "the worked example is in",
        "there are services already; nothing was added",
    ]
    assert Service.objects.count() == 3
