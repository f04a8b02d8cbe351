"""Templates and questions as data: loaded once, never changed, and worded for whoever writes for the first time."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import get_template

from incidents.postmortems import templates
from incidents.postmortems.models import PostmortemTemplate
from incidents.postmortems.queries import offers
from incidents.postmortems.vocabulary import SHOWS, BlockKind, Prefill, Suits
from web import errors
from web.errors import translated

# A released version means the same in every installation: to say it better, add the next version.
RELEASED = {("full_review", 1): "c7bb4a9e7a8fec8d"}
BUILT_IN = ["full_review", "data_incident", "guardrail_review", "near_miss", "quick_review", "vendor_incident"]
# What asks for a person instead of for what happened.
BLAMING = re.compile(r"(?i)\bwhy (did|do|does|was|were|has|have)\b|^who \w+ed\b|should have|root cause|human error")


def fingerprint(sections: list[dict[str, object]]) -> str:
    return hashlib.sha256(json.dumps(sections, sort_keys=True).encode()).hexdigest()[:16]


def newest() -> list[dict[str, Any]]:
    return list({entry["code"]: entry for entry in templates.read()}.values())


def test_no_released_version_has_changed() -> None:
    told = {(entry["code"], entry["version"]): fingerprint(entry["section"]) for entry in templates.read()}
    assert {version: told[version] for version in RELEASED} == RELEASED


@pytest.mark.parametrize("entry", newest(), ids=lambda entry: str(entry["code"]))
def test_each_says_what_it_is_for_and_each_text_asks_something(entry: dict[str, Any]) -> None:
    assert entry["about"].endswith(".")
    assert 15 <= entry["minutes"] <= 120
    assert entry.get("suits", "") in Suits.values
    texts = [one for one in entry["section"] if one.get("kind", "narrative") == "narrative"]
    assert all(len(one["heading"]) < 60 and len(one["prompt"]) < 350 for one in texts)
    assert all(one["prompt"].rstrip()[-1] in ".?" for one in texts)
    assert sum(one["required"] for one in texts) >= 4
    assert not [one["prompt"] for one in texts if BLAMING.search(one["prompt"])]


def test_what_would_ask_for_a_person_is_found() -> None:
    assert BLAMING.search("Why did nobody see it?")
    assert BLAMING.search("Who deployed it?")
    assert not BLAMING.search("Who or what saw it first?")


@pytest.mark.parametrize("entry", newest(), ids=lambda entry: str(entry["code"]))
def test_each_names_known_blocks_once_and_keys_once(entry: dict[str, Any]) -> None:
    keys = [one.get("key", one.get("kind")) for one in entry["section"] if "key" in one]
    kinds = [one["kind"] for one in entry["section"] if one.get("kind", "narrative") != "narrative"]
    assert len(keys) == len(set(keys))
    assert len(kinds) == len(set(kinds))
    assert set(kinds) <= set(BlockKind.values)
    assert {"findings", "questions", "actions", "ruled_out"} <= set(kinds)
    assert {one["prefill"] for one in entry["section"] if "prefill" in one} <= set(Prefill.values)


def test_what_a_block_shows_is_told_for_every_kind() -> None:
    assert set(SHOWS) == set(BlockKind.values)


@pytest.mark.parametrize("kind", BlockKind.values)
def test_something_draws_each_kind(kind: str) -> None:
    assert get_template(f"postmortems/blocks/{kind}.html")


@pytest.mark.django_db
def test_all_built_in_ones_are_there_after_migrating() -> None:
    every = offers.every()
    assert [one.template.code for one in every] == BUILT_IN
    assert [one.template.code for one in every if one.is_default] == ["full_review"]
    assert str(every[0].template) == "Full AI incident review v2"
    assert not [one for one in every if one.retired or not one.template.built_in]


@pytest.mark.django_db
def test_the_full_review_brings_what_the_incident_knows() -> None:
    template = offers.newest()
    assert template is not None
    narrative = [section for section in template.sections if section["kind"] == "narrative"]
    assert [section["key"] for section in narrative if section["prefill"]] == [
        "summary", "impact", "noticed", "lead_up", "happened",
    ]  # fmt: skip


@pytest.mark.django_db
def test_loading_again_adds_nothing_and_never_changes_a_version(tmp_path: Path) -> None:
    before = list(PostmortemTemplate.objects.order_by("pk").values())
    changed = tmp_path / "templates.toml"
    changed.write_text(templates.FILE.read_text().replace("Summary", "Abstract"))
    assert templates.load(changed) == len(before)
    assert list(PostmortemTemplate.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_a_new_version_stands_beside_the_old_one_and_is_used_from_then_on(tmp_path: Path) -> None:
    newer = tmp_path / "templates.toml"
    newer.write_text(templates.FILE.read_text().replace("version = 2", "version = 3").replace("Summary", "In short"))
    templates.load(newer)
    latest = offers.newest()
    assert latest is not None
    assert (latest.version, latest.sections[0]["heading"]) == (3, "In short")
    assert PostmortemTemplate.objects.get(code="full_review", version=2).sections[0]["heading"] == "Summary"


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"name": "Other"}, {"sections": []}, {"minutes": 5}])
def test_the_database_refuses_to_change_a_version(change: dict[str, Any]) -> None:
    with pytest.raises(errors.ConstraintBroken) as refused, translated():
        PostmortemTemplate.objects.filter(code="near_miss").update(**change)
    assert refused.value.code == "version_frozen"


@pytest.mark.django_db
def test_the_database_refuses_to_delete_a_version() -> None:
    with pytest.raises(errors.ConstraintBroken) as refused, translated():
        PostmortemTemplate.objects.filter(code="near_miss").delete()
    assert refused.value.code == "version_frozen"


@pytest.mark.django_db
def test_no_built_in_one_can_take_the_code_of_an_organisation() -> None:
    with pytest.raises(errors.ConstraintBroken) as refused, translated():
        PostmortemTemplate.objects.create(code="own-review", version=1, name="x", sections=[])
    assert refused.value.code == "template_maker"
