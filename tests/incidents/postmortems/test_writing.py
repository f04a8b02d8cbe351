"""Two texts written at once become one by choice, earlier texts come back, and nothing is lost on the way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from incidents.postmortems import drafting, freezing, writing
from incidents.postmortems.forms.sections import digest
from incidents.postmortems.models import Postmortem, SectionRevision
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import PLAIN, htmx, signed_in, url
from web.errors import Invalid

pytestmark = pytest.mark.django_db

BASE = "It was slow. Nobody saw it. We waited."
MINE = "It was very slow. Nobody saw it. We waited. Then it was over."
THEIRS = "It was slow. Nobody saw it for 40 min. We waited."
BOTH = "It was very slow. Nobody saw it for 40 min. We waited. Then it was over."


@pytest.fixture
def draft(maya: Person, jonas: Person) -> Postmortem:
    """A section of which two people have revision 1; Jonas has saved revision 2."""
    made = review.draft(by=maya)
    review.write(made, "surprised", BASE)
    review.write(made, "surprised", THEIRS, by=jonas)
    return made


def post(client: Client, draft: Postmortem, headers: dict[str, str], **sent: Any) -> Any:
    said = {"text": MINE, "revision": 1, **sent}
    return client.post(url(draft, "sections/surprised/"), said, headers=headers)


def merging(text: str = MINE, **picks: str) -> dict[str, Any]:
    chosen = {f"pick-{name.removeprefix('p')}": pick for name, pick in picks.items()}
    return {"text": text, "merge_over": 2, "mine_was": digest(text), **chosen}


EITHER = pytest.mark.parametrize("headers", [PLAIN, htmx("saved-surprised")], ids=["plain", "htmx"])


# ---- merging ----


@EITHER
def test_changes_of_different_sentences_are_merged_by_themselves(
    draft: Postmortem, maya: Person, headers: dict[str, str]
) -> None:
    client = signed_in(maya)
    shown = post(client, draft, headers).content.decode()
    assert "You changed different places" in shown
    assert "Only you changed this" in shown
    assert "Only Jonas Lind changed this" in shown
    picked = dict(re.findall(r'name="(pick-\d+)" value="(\w+)"[^>]* checked', shown))
    assert sorted(picked.values()) == ["mine", "mine", "theirs"]
    assert f'name="mine_was" value="{digest(MINE)}"' in shown
    answer = post(client, draft, headers, **merging(), **picked)
    assert answer.status_code == (200 if headers else 302)
    saved = review.section(draft)
    assert (saved.text, saved.revision, saved.saved_by) == (BOTH, 3, maya)
    if headers:
        assert "<textarea data-text hidden" in answer.content.decode()
        assert f"\n{BOTH}</textarea>" in answer.content.decode()


def test_what_only_one_changed_needs_no_choice(draft: Postmortem, maya: Person) -> None:
    merged = writing.merge(review.section(draft), mine=MINE, on_revision=1, over=2, picks={}, by=maya, now=LATER)
    assert merged.text == BOTH


@EITHER
def test_what_both_changed_has_to_be_chosen(draft: Postmortem, maya: Person, headers: dict[str, str]) -> None:
    client, mine = signed_in(maya), BASE.replace("saw it", "looked")
    answer = post(client, draft, headers, **merging(mine))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose one or both in each passage" in shown
    assert "Both changed this: choose" in shown
    assert ("<html" in shown) == (not headers)
    assert review.section(draft).revision == 2
    for pick, text in (
        ("theirs", THEIRS),
        ("both", "It was slow. Nobody looked.\nNobody saw it for 40 min. We waited."),
        ("mine", mine),
    ):
        one = review.section(draft)
        merged = writing.passages(one, mine=mine, on_revision=1, over=2)
        (number,) = [at for at, passage in enumerate(merged) if passage.pick is None]
        assert writing.comparing.merged(merged, {number: pick}) == text
    assert post(client, draft, headers, **merging(mine), **{f"pick-{number}": "both"}).status_code < 400
    assert review.section(draft).text == "It was slow. Nobody looked.\nNobody saw it for 40 min. We waited."


@EITHER
def test_a_second_conflict_keeps_what_was_merged(
    draft: Postmortem, maya: Person, jonas: Person, headers: dict[str, str]
) -> None:
    review.write(draft, "surprised", THEIRS + " Jonas left.", by=jonas)
    answer = post(signed_in(maya), draft, headers, **merging())
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert f"\n{BOTH}</textarea>" in shown  # in the field, or for it
    assert '<input type="hidden" name="revision" value="2">' in shown  # what it is written on now
    assert 'data-revision="3"' in shown
    assert "Jonas left." in shown
    assert review.section(draft).revision == 3
    merged = writing.passages(review.section(draft), mine=BOTH, on_revision=2, over=3)
    picked = {f"pick-{at}": "both" for at, passage in enumerate(merged) if passage.pick is None}
    again = {"text": BOTH, "revision": 2, "merge_over": 3, "mine_was": digest(BOTH), **picked}
    assert post(signed_in(maya), draft, headers, **again).status_code < 400
    assert review.section(draft).text == BOTH + " Jonas left."


@EITHER
def test_choices_for_another_text_are_asked_for_again(draft: Postmortem, maya: Person, headers: dict[str, str]) -> None:
    sent = merging() | {"text": MINE + " Typed since."}
    answer = post(signed_in(maya), draft, headers, **sent)
    assert answer.status_code == 409
    assert "Your text has changed since you chose." in answer.content.decode()
    assert "Typed since." in answer.content.decode()
    assert review.section(draft).revision == 2


def test_texts_to_choose_from_are_escaped(draft: Postmortem, maya: Person) -> None:
    shown = post(signed_in(maya), draft, htmx("saved-surprised"), text="<img src=x onerror=1> **b**").content.decode()
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_nothing_is_merged_into_what_is_published(maya: Person) -> None:
    published = review.published(by=maya)
    answer = post(signed_in(maya), published, PLAIN, text="x", revision=0, merge_over=0, mine_was=digest("x"))
    assert answer.status_code == 409
    assert "published" in answer.content.decode()


# ---- preview ----


@EITHER
def test_a_preview_shows_what_readers_will_see_and_saves_nothing(
    draft: Postmortem, maya: Person, headers: dict[str, str]
) -> None:
    said = {"text": "# Why\n\n**Two** loops <script>x</script>", "revision": 1}
    answer = signed_in(maya).post(url(draft, "sections/surprised/preview/"), said, headers=headers)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "<h3>Why</h3>" in shown
    assert "<strong>Two</strong>" in shown
    assert "<script>x" not in shown
    assert review.section(draft).text == THEIRS
    if not headers:  # the page, with the text in its field and on the revision it was written on
        assert "\n# Why\n\n**Two** loops &lt;script&gt;x&lt;/script&gt;</textarea>" in shown
        assert '<input type="hidden" name="revision" value="1">' in shown


def test_viewers_preview_nothing(draft: Postmortem) -> None:
    client = signed_in(make.person(role="viewer"))
    said = {"text": "x", "revision": 0}
    assert client.post(url(draft, "sections/surprised/preview/"), said).status_code == 403
    assert client.post(url(draft, "sections/nothing/preview/"), said).status_code == 403
    assert signed_in(draft.author).post(url(draft, "sections/nothing/preview/"), said).status_code == 404


# ---- bringing back ----


def test_a_restored_text_is_a_new_revision_and_says_so(draft: Postmortem, maya: Person) -> None:
    one = review.section(draft)
    restored = writing.restore(one, revision=1, on_revision=2, by=maya, now=LATER)
    assert (restored.text, restored.revision, restored.saved_by) == (BASE, 3, maya)
    rows = SectionRevision.objects.filter(section=one).order_by("revision")
    assert list(rows.values_list("revision", "restores", "text")) == [
        (1, None, BASE),
        (2, None, THEIRS),
        (3, 1, BASE),
    ]


def test_the_empty_beginning_can_be_restored_and_what_never_was_cannot(draft: Postmortem, maya: Person) -> None:
    one = review.section(draft)
    assert writing.restore(one, revision=0, on_revision=2, by=maya, now=LATER).text == ""
    with pytest.raises(Invalid, match="no revision 9"):
        writing.restore(one, revision=9, on_revision=3, by=maya, now=LATER)


def test_restoring_is_no_way_around_a_save_meanwhile_or_publishing(draft: Postmortem, maya: Person) -> None:
    with pytest.raises(drafting.StaleRevision):
        writing.restore(review.section(draft), revision=1, on_revision=1, by=maya, now=LATER)
    published = review.published(by=maya)
    one = review.section(published, "summary")
    with pytest.raises(freezing.Frozen):
        writing.restore(one, revision=0, on_revision=one.revision, by=maya, now=LATER)
    assert review.section(draft).revision == 2
