"""A draft changes to another template: nothing that was written is lost."""

from __future__ import annotations

import pytest

from incidents.postmortems import freezing, laying_out
from incidents.postmortems.models import Postmortem, PostmortemTemplate, Section, SectionRevision
from incidents.postmortems.queries import offers
from incidents.postmortems.queries import review as reviews
from ownership.models import Person
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import signed_in, url

pytestmark = pytest.mark.django_db


def template(code: str) -> PostmortemTemplate:
    found = offers.newest(code)
    assert found is not None
    return found


def follow(draft: Postmortem, code: str) -> Postmortem:
    laying_out.change(draft, template(code), by=draft.author, now=LATER)
    return Postmortem.objects.select_related("incident", "template").get(pk=draft.pk)


def test_texts_of_the_same_key_stay_under_the_new_heading(maya: Person) -> None:
    draft = review.draft(by=maya)
    review.write(draft, "noticed", "A user told us.")
    after = follow(draft, "near_miss")
    section = review.section(after, "noticed")
    assert (section.text, section.heading, section.kept_from) == ("A user told us.", "How it was caught", None)
    assert (section.revision, after.template.code) == (1, "near_miss")


def test_what_the_new_one_does_not_ask_for_comes_last_and_is_not_required(maya: Person) -> None:
    draft = review.draft(by=maya)
    review.write(draft, "surprised", "Two loops.")
    after = follow(draft, "near_miss")
    found = reviews.of(after)
    assert [one.key for one in found.kept] == ["impact", "surprised"]
    assert [block.section.key for block in found.blocks[-2:] if block.section] == ["impact", "surprised"]
    kept = review.section(after, "surprised")
    assert (kept.text, kept.required, str(kept.kept_from)) == ("Two loops.", False, "Full AI incident review v2")
    shown = signed_in(maya).get(url(after)).content.decode()
    assert "Kept from Full AI incident review v2; Near miss v1 does not ask for it." in shown
    assert shown.index("Kept from") > shown.index("What we decided, and why")
    assert "Two loops." in shown


def test_an_empty_one_that_is_not_asked_for_is_not_shown_and_comes_back(maya: Person) -> None:
    draft = review.draft(by=maya)
    after = follow(draft, "near_miss")
    assert "section-message" not in signed_in(maya).get(url(after)).content.decode()
    back = follow(after, "full_review")
    assert "section-message" in signed_in(maya).get(url(back)).content.decode()
    assert Section.objects.filter(postmortem=draft, key="message").count() == 1


def test_going_there_and_back_changes_no_text(maya: Person) -> None:
    draft = review.draft(by=maya)
    review.write(draft, "surprised", "Two loops.")
    rows = Section.objects.filter(postmortem=draft, kind="narrative").order_by("position", "pk")
    names = ("key", "text", "revision", "required", "heading", "prompt", "position")
    before = list(rows.values(*names))
    revisions = SectionRevision.objects.count()
    back = follow(follow(draft, "quick_review"), "full_review")
    asked = {entry["key"] for entry in back.template.sections}
    assert [one for one in rows.values(*names) if one["key"] in asked] == before
    assert SectionRevision.objects.count() == revisions


def test_new_sections_begin_with_what_the_incident_knows(maya: Person) -> None:
    draft = review.draft(by=maya, template="near_miss")
    assert not Section.objects.filter(postmortem=draft, key="impact").exists()
    after = follow(draft, "full_review")
    assert review.section(after, "impact").text == "Every third answer took 4 s."
    assert review.section(after, "impact").revisions.get().revision == 0


def test_the_timeline_says_so_once(maya: Person) -> None:
    draft = follow(review.draft(by=maya), "near_miss")
    follow(draft, "near_miss")
    rows = draft.incident.timeline.filter(kind="postmortem").order_by("pk").values_list("text", flat=True)
    assert list(rows) == ["started", "now follows “Near miss v1”"]


def test_what_is_published_keeps_its_template(maya: Person) -> None:
    postmortem = review.published(by=maya)
    with pytest.raises(freezing.Frozen):
        laying_out.change(postmortem, template("near_miss"), by=maya, now=LATER)


def test_a_new_version_leaves_a_draft_alone_until_it_is_asked_for(maya: Person) -> None:
    draft = review.draft(by=maya)
    old = PostmortemTemplate.objects.get(code="full_review", version=1)
    laying_out.change(draft, old, by=maya, now=LATER)
    draft.refresh_from_db()
    assert draft.template == old
