"""The table of tier × what the sender says."""

from __future__ import annotations

import pytest

from incidents.alerts import severity
from incidents.alerts.sources.reading import Severity
from incidents.response.vocabulary import Severity as Sev
from ownership.vocabulary import Tier


@pytest.mark.parametrize(
    ("tier", "said", "sev"),
    [
        ("t1", Severity.CRITICAL, Sev.SEV1),
        ("t1", Severity.LOW, Sev.SEV4),
        ("t2", Severity.CRITICAL, Sev.SEV2),
        ("t3", Severity.MEDIUM, Sev.SEV4),
        ("t4", Severity.CRITICAL, Sev.SEV3),
    ],
)
def test_the_table(tier: str, said: Severity, sev: Sev) -> None:
    found, why = severity.of(table=severity.SHIPPED, tier=tier, said=said, raw=said)
    assert found is sev
    assert why == f"{sev.label} because tier {tier[1]} × {said.value} (severity table v1)"


def test_every_tier_and_severity_has_its_place() -> None:
    for tier in Tier:
        row = [
            severity.of(table=severity.SHIPPED, tier=tier, said=said, raw="")[0].rank
            for said in Severity
            if said is not Severity.UNKNOWN
        ]
        assert row == sorted(row)


@pytest.mark.parametrize(
    ("tier", "raw", "reason"),
    [("t1", "critic", "“critic”"), ("t1", "", "gave no severity"), (None, "", "which service")],
)
def test_what_is_not_known_is_pending(tier: str | None, raw: str, reason: str) -> None:
    said = Severity.CRITICAL if tier is None else Severity.UNKNOWN
    found, why = severity.of(table=severity.SHIPPED, tier=tier, said=said, raw=raw)
    assert found is Sev.PENDING
    assert reason in why
