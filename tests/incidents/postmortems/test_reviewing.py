"""Findings in a postmortem: reviewed versions on the same line, one primary, nothing after publishing."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.postmortems import freezing, reviewing
from incidents.response.findings import FindingChanged
from incidents.response.models import FailureMode, Finding, TimelineRow
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web.errors import ConstraintBroken

pytestmark = pytest.mark.django_db


def test_confirming_makes_a_reviewed_version_on_the_same_line_once() -> None:
    postmortem = review.draft()
    (provisional,) = review.standing(postmortem)
    confirmed = reviewing.confirm(postmortem, provisional, by=postmortem.author, now=LATER)
    again = reviewing.confirm(postmortem, confirmed, by=postmortem.author, now=LATER)
    assert (confirmed.state, confirmed.line, again.pk) == ("reviewed", provisional.line, confirmed.pk)
    assert Finding.objects.filter(line=provisional.line).count() == 2
    assert TimelineRow.objects.filter(kind="finding", text="reviewed: retry amplification").count() == 1


@pytest.mark.parametrize(
    ("missing", "code"), [({"mode": None}, "mode_missing"), ({"evidence": ""}, "evidence_missing")]
)
def test_a_finding_without_mode_or_evidence_cannot_be_confirmed(missing: dict[str, Any], code: str) -> None:
    postmortem = review.draft(mode=None)
    mode = FailureMode.objects.get(code="data.schema_drift")
    said = {"mode": mode, "layer": "data", "evidence": "diff", **missing}
    from incidents.response import findings

    half = findings.record(postmortem.incident, **said, by=postmortem.author, now=LATER)
    with pytest.raises(ConstraintBroken) as refused:
        reviewing.confirm(postmortem, half, by=postmortem.author, now=LATER)
    assert (refused.value.status, refused.value.code) == (422, code)
    assert Finding.objects.get().state == "provisional"


def test_an_added_finding_is_reviewed_and_the_first_one_is_primary() -> None:
    postmortem = review.draft(mode=None)
    first = review.finding(postmortem)
    second = review.finding(postmortem, "data.schema_drift")
    assert (first.state, first.layer, first.primary) == ("reviewed", "integration", True)
    assert (second.state, second.primary) == ("reviewed", False)


def test_a_new_primary_takes_the_mark_from_the_old_one() -> None:
    postmortem = review.draft()
    (old,) = review.standing(postmortem)
    new = review.finding(postmortem, "data.schema_drift", primary=True)
    assert [(one.line, one.primary) for one in review.standing(postmortem)] == [(old.line, False), (new.line, True)]
    (demoted, _) = review.standing(postmortem)
    reviewing.make_primary(postmortem, demoted, by=postmortem.author, now=LATER)
    assert Finding.objects.get(superseded_at=None, primary=True).line == old.line


def test_revising_reviews_and_keeps_what_was_said_before() -> None:
    postmortem = review.draft()
    (old,) = review.standing(postmortem)
    mode = FailureMode.objects.get(code="latency.no_back_pressure")
    new = reviewing.revise(postmortem, old, seen=old.pk, mode=mode, by=postmortem.author, now=LATER)
    assert (new.line, new.layer, new.mode, new.state) == (old.line, "latency", mode, "reviewed")
    assert Finding.objects.get(pk=old.pk).mode_id == review.RETRIES


def test_revising_what_somebody_else_changed_is_refused() -> None:
    postmortem = review.draft()
    (old,) = review.standing(postmortem)
    current = reviewing.revise(postmortem, old, seen=old.pk, role="amplifier", by=postmortem.author, now=LATER)
    with pytest.raises(FindingChanged):
        reviewing.revise(postmortem, current, seen=old.pk, role="trigger", by=make.person(), now=LATER)
    assert Finding.objects.get(superseded_at=None).role == "amplifier"


def test_a_withdrawn_finding_stays_in_the_past() -> None:
    postmortem = review.draft()
    (finding,) = review.standing(postmortem)
    reviewing.withdraw(postmortem, finding, by=postmortem.author, now=LATER)
    assert review.standing(postmortem) == []
    assert Finding.objects.get().superseded_at == LATER


def test_nothing_about_findings_changes_once_it_is_published() -> None:
    postmortem = review.published()
    (finding,) = review.standing(postmortem)
    by = {"by": postmortem.author, "now": LATER}
    for act in (
        lambda: review.finding(postmortem, "data.schema_drift"),
        lambda: reviewing.revise(postmortem, finding, seen=finding.pk, role="trigger", **by),
        lambda: reviewing.confirm(postmortem, finding, **by),
        lambda: reviewing.make_primary(postmortem, finding, **by),
        lambda: reviewing.withdraw(postmortem, finding, **by),
    ):
        with pytest.raises(freezing.Frozen):
            act()
    assert [one.pk for one in review.standing(postmortem)] == [finding.pk]
