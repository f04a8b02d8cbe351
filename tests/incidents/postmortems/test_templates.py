"""Templates and questions as data: loaded once, never changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from incidents.postmortems import questions, templates
from incidents.postmortems.models import PostmortemTemplate
from incidents.response.vocabulary import Layer

# A released version means the same in every installation: to say it better, add the next version.
RELEASED = {("full_review", 1): "c7bb4a9e7a8fec8d"}


def fingerprint(sections: list[dict[str, object]]) -> str:
    return hashlib.sha256(json.dumps(sections, sort_keys=True).encode()).hexdigest()[:16]


def test_no_released_version_has_changed() -> None:
    told = {(entry["code"], entry["version"]): fingerprint(entry["section"]) for entry in templates.read()}
    assert told == RELEASED


@pytest.mark.django_db
def test_the_full_review_is_there_after_migrating() -> None:
    template = templates.latest()
    assert str(template) == "Full AI incident review v1"
    narrative = [section for section in template.sections if section["kind"] == "narrative"]
    assert len(narrative) == 8
    assert all(section["prompt"] and section["heading"] for section in narrative)
    assert [section["key"] for section in narrative if not section["required"]] == ["went_well"]
    assert [section["key"] for section in narrative if section["prefill"]] == [
        "summary", "impact", "noticed", "happened",
    ]  # fmt: skip


@pytest.mark.django_db
def test_loading_again_adds_nothing_and_never_changes_a_version(tmp_path: Path) -> None:
    kept = templates.latest().sections
    changed = tmp_path / "templates.toml"
    changed.write_text(templates.FILE.read_text().replace("Summary", "Abstract"))
    assert templates.load(changed) == 1
    assert PostmortemTemplate.objects.count() == 1
    assert templates.latest().sections == kept


@pytest.mark.django_db
def test_a_new_version_stands_beside_the_old_one_and_is_used_from_then_on(tmp_path: Path) -> None:
    newer = tmp_path / "templates.toml"
    newer.write_text(templates.FILE.read_text().replace("version = 1", "version = 2").replace("Summary", "In short"))
    templates.load(newer)
    assert templates.latest().version == 2
    assert templates.latest().sections[0]["heading"] == "In short"
    assert PostmortemTemplate.objects.get(version=1).sections[0]["heading"] == "Summary"


def test_every_layer_asks_two_or_three_questions() -> None:
    for layer in Layer:
        asked = questions.asked_by([layer])
        assert 2 <= len(asked) <= 3
        assert all(question.layer == layer and question.text.endswith("?") for question in asked)


def test_questions_come_in_the_order_of_the_layers_and_only_from_those_named() -> None:
    layers = [question.layer for question in questions.asked_by({"org", "data"})]
    assert layers == ["data"] * 3 + ["org"] * 3
    assert questions.asked_by([]) == []
