"""What layers asked, what was ruled out and how long stages took, as an export tells it: what the page shows."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.postmortems import measuring, ruling_out, tagging
from incidents.postmortems.exporting import markdown
from incidents.postmortems.measuring import Stage
from incidents.postmortems.models import Postmortem
from ownership.models import Person
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.test_exporting import exported

pytestmark = pytest.mark.django_db


def blocks(draft: Postmortem) -> dict[str, Any]:
    return {block["kind"]: block for block in exported(draft)["blocks"]}


def test_answers_of_layers_that_are_put_away_stay_at_home(maya: Person) -> None:
    draft = review.draft(by=maya)
    tagging.tag(draft, layer="org", by=maya, now=LATER)
    review.write(draft, "q-org-knew", "Two of us did.")
    assert "Two of us did." in markdown.of(exported(draft))
    tagging.untag(draft, layer="org", by=maya, now=LATER)
    assert "Two of us did." not in markdown.of(exported(draft))


def test_nothing_is_ruled_out_where_nobody_suspects_the_model(maya: Person) -> None:
    assert blocks(review.draft(by=maya))["ruled_out"]["layers"] == []


def test_the_six_with_their_state_and_the_stages(maya: Person) -> None:
    draft = review.draft(by=maya)
    review.finding(draft, "model.capability_limit")
    review.write(draft, "out-data", "All rows there.")
    review.write(draft, "out-org", "Put away.")
    ruling_out.say_not_established(draft, layer="org", by=maya, now=LATER)
    measuring.record(draft, stages=[Stage(name="Queue", budget_ms=20, p95_ms=50)], by=maya, now=LATER)
    told = blocks(draft)
    layers = told["ruled_out"]["layers"]
    assert [(one["layer"], one["state"]) for one in layers][:2] == [("data", "ruled_out"), ("integration", "found")]
    assert layers[0]["why"] == "All rows there."
    assert "Put away." not in markdown.of(exported(draft))
    (stage,) = told["latency"]["stages"]
    assert (stage["stage"], stage["budget_ms"], stage["p50_ms"], stage["p95_ms"]) == ("Queue", 20, None, 50)
    assert "**org**, not established" in markdown.of(exported(draft)).lower()
