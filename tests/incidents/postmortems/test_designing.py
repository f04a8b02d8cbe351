"""An organisation's own templates: copied, written anew, retired, the default."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from incidents.postmortems import designing
from incidents.postmortems.designing import Design
from incidents.postmortems.models import PostmortemTemplate
from incidents.postmortems.queries import offers
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web import errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    return make.person("Ada Editor", role="editor")


def of(template: PostmortemTemplate, **changes: Any) -> Design:
    said = Design(template.name, template.about, template.minutes, template.suits, template.sections)
    return replace(said, **changes)


def newest(code: str) -> PostmortemTemplate:
    found = offers.newest(code)
    assert found is not None
    return found


def copied(by: Person, code: str = "near_miss", name: str = "Our near miss", **changes: Any) -> PostmortemTemplate:
    original = newest(code)
    return designing.copy(original, of(original, name=name, **changes), by=by, now=LATER)


def saved(one: PostmortemTemplate, by: Person, *, on: int | None = None, **changes: Any) -> PostmortemTemplate:
    return designing.save(one, of(one, **changes), written_on=on or one.version, by=by, now=LATER)


def offer(code: str) -> offers.Offer:
    return next(one for one in offers.every() if one.template.code == code)


def test_a_copy_is_a_first_version_with_the_keys_of_the_original(ada: Person) -> None:
    made = copied(ada)
    original = newest("near_miss")
    assert (made.code, made.version, made.made_by, made.copied_from) == ("own-our-near-miss", 1, ada, original)
    assert made.sections == original.sections
    assert not made.built_in


def test_a_second_one_of_the_same_name_gets_another_code(ada: Person) -> None:
    assert [copied(ada).code, copied(ada).code] == ["own-our-near-miss", "own-our-near-miss-2"]


def test_saving_makes_the_next_version_and_leaves_the_one_before(ada: Person) -> None:
    first = copied(ada)
    second = saved(first, ada, name="Close calls")
    assert (second.code, second.version, second.copied_from) == (first.code, 2, first.copied_from)
    assert PostmortemTemplate.objects.get(pk=first.pk).name == "Our near miss"
    assert newest(first.code) == second


def test_saving_the_same_makes_no_version(ada: Person) -> None:
    first = copied(ada)
    assert saved(first, ada).version == 1
    assert saved(first, ada, name="  Our   near miss ").version == 1


def test_saving_on_an_old_version_is_refused(ada: Person) -> None:
    first = copied(ada)
    saved(first, ada, name="Theirs")
    with pytest.raises(designing.StaleTemplate) as refused:
        saved(first, ada, name="Mine", on=1)
    assert (refused.value.status, refused.value.theirs.name) == (409, "Theirs")
    assert saved(first, ada, name="Mine", on=2).version == 3


def test_a_built_in_one_stays_as_it_is(ada: Person) -> None:
    with pytest.raises(designing.BuiltIn):
        saved(newest("near_miss"), ada, name="Mine")


def test_new_sections_get_keys_that_nothing_else_has(ada: Person) -> None:
    text = {"kind": "narrative", "heading": "Ruled out: data", "prompt": "What?", "required": True}
    made = copied(ada, sections=[{**text, "key": "summary"}, text, text, {"kind": "times"}])
    assert [entry["key"] for entry in made.sections] == [
        "summary", "own_ruled_out_data", "own_ruled_out_data_2", "times",
    ]  # fmt: skip


def test_a_key_of_another_template_is_not_taken_over(ada: Person) -> None:
    made = copied(ada, sections=[{"kind": "narrative", "key": "vendor", "heading": "Vendor"}])
    assert made.sections[0]["key"] == "own_vendor"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"about": "x" * 301}, "about"),
        ({"minutes": 0}, "minutes"),
        ({"suits": "weather"}, "suits"),
        ({"sections": []}, "sections"),
        ({"sections": [{"kind": "times"}] * 41}, "sections"),
        ({"sections": [{"kind": "times"}, {"kind": "times"}]}, "kind_1"),
        ({"sections": [{"kind": "weather"}]}, "kind_0"),
        ({"sections": [{"kind": "times"}, {"kind": "narrative", "heading": " "}]}, "heading_1"),
        ({"sections": [{"kind": "narrative", "heading": "x" * 201}]}, "heading_0"),
        ({"sections": [{"kind": "narrative", "heading": "A", "prompt": "x" * 2001}]}, "prompt_0"),
        ({"sections": [{"kind": "narrative", "heading": "A", "prefill": "weather"}]}, "prefill_0"),
    ],
)
def test_what_cannot_be_used_names_its_field(ada: Person, changes: dict[str, Any], field: str) -> None:
    before = PostmortemTemplate.objects.count()
    with pytest.raises(errors.Invalid) as refused:
        copied(ada, **changes)
    assert refused.value.field == field
    assert PostmortemTemplate.objects.count() == before


def test_what_is_retired_is_not_offered_until_it_is_restored(ada: Person) -> None:
    designing.retire("vendor_incident", by=ada, now=LATER)
    assert offer("vendor_incident").retired
    assert "vendor_incident" not in [one.template.code for one in offers.offered(offers.every())]
    designing.restore("vendor_incident", by=ada, now=LATER)
    assert "vendor_incident" in [one.template.code for one in offers.offered(offers.every())]


def test_a_postmortem_goes_on_with_a_template_that_was_retired(ada: Person) -> None:
    made = copied(ada)
    draft = review.draft(template=made.code)
    designing.retire(made.code, by=ada, now=LATER)
    assert review.write(draft, "held", "The cap.").text == "The cap."


def test_there_is_one_default_and_it_cannot_be_retired(ada: Person) -> None:
    with pytest.raises(designing.DefaultStays):
        designing.retire("full_review", by=ada, now=LATER)
    for code in ("quick_review", "near_miss"):
        designing.make_default(code, by=ada, now=LATER)
    assert [one.template.code for one in offers.every() if one.is_default] == ["near_miss"]
    with pytest.raises(designing.DefaultStays):
        designing.retire("near_miss", by=ada, now=LATER)
    designing.retire("full_review", by=ada, now=LATER)
    with pytest.raises(designing.Retired):
        designing.make_default("full_review", by=ada, now=LATER)
