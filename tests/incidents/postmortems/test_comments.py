"""Comments on the places of a postmortem: who may, what stays, and who is told."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from incidents.postmortems import commenting
from incidents.postmortems.models import Comment, CommentVersion, Postmortem
from incidents.response import confiding, participating
from ownership.models import Notice, Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER, PLACE, answer, say
from tests.incidents.postmortems.visits import signed_in, url
from web.errors import ConstraintBroken, Invalid, translated

pytestmark = pytest.mark.django_db


def told(person: Person) -> list[tuple[str, str]]:
    found = Notice.objects.filter(person=person, kind__in=("commented", "mentioned")).order_by("pk")
    return [(one.kind, one.path) for one in found]


# ---- what is kept ----


def test_a_comment_keeps_what_it_is_about(draft: Postmortem, jonas: Person) -> None:
    review.write(draft, "surprised", "Two loops.")
    made = say(draft, by=jonas, quote="Two  loops")
    assert (made.section.key, made.on_revision, made.quote) == ("surprised", 1, "Two loops")
    on_findings = say(draft, by=jonas, anchor="findings")
    assert (on_findings.section, on_findings.on_revision) == (None, None)


@pytest.mark.parametrize("anchor", ["section-nothing", "narrative", "nothing", "surprised", ""])
def test_places_that_are_not_there_take_no_comment(draft: Postmortem, jonas: Person, anchor: str) -> None:
    with pytest.raises(Invalid):
        say(draft, by=jonas, anchor=anchor)
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n", "x" * (commenting.LONGEST + 1)])
def test_nothing_and_too_much_are_no_comment(draft: Postmortem, jonas: Person, text: str) -> None:
    with pytest.raises(Invalid):
        say(draft, text, by=jonas)


def test_an_answer_to_an_answer_stands_in_the_same_thread(draft: Postmortem, maya: Person, jonas: Person) -> None:
    first = say(draft, by=jonas)
    second = answer(first, by=maya)
    third = answer(second, by=jonas)
    assert (second.answers_to, third.answers_to) == (first, first)


def test_saying_anew_keeps_what_was_said(draft: Postmortem, jonas: Person) -> None:
    made = say(draft, by=jonas)
    anew = commenting.revise(made, text="Which of the two?", seen=1, by=jonas, now=LATER)
    assert (anew.text, anew.version, anew.edited_at) == ("Which of the two?", 2, LATER)
    assert list(CommentVersion.objects.values_list("version", "text")) == [(1, "Which loop?"), (2, "Which of the two?")]
    with pytest.raises(commenting.Changed):
        commenting.revise(made, text="A third", seen=1, by=jonas, now=LATER)
    assert commenting.revise(made, text="Which of the two?", seen=1, by=jonas, now=LATER).version == 2


def test_taken_back_says_nothing_any_more(draft: Postmortem, maya: Person, jonas: Person) -> None:
    made = say(draft, "The key is hunter2, @maya.okafor", by=jonas)
    gone = commenting.take_back(made, by=jonas, now=LATER)
    assert (gone.text, gone.names, gone.taken_back_at) == ("", {}, LATER)
    assert told(maya) == []
    commenting.take_back(made, by=jonas, now=LATER)
    with pytest.raises(commenting.TakenBack):
        commenting.revise(made, text="Again", seen=1, by=jonas, now=LATER)


def test_a_thread_is_resolved_once_and_answering_opens_it(draft: Postmortem, maya: Person, jonas: Person) -> None:
    first = say(draft, by=jonas)
    reply = answer(first, by=maya)
    assert commenting.resolve(reply, by=maya, now=LATER).resolved_by == maya
    assert commenting.resolve(first, by=jonas, now=LATER).resolved_by == maya
    answer(first, "But still", by=jonas)
    assert Comment.objects.get(pk=first.pk).resolved_at is None
    commenting.resolve(first, by=jonas, now=LATER)
    assert commenting.reopen(first, by=maya, now=LATER).resolved_at is None


def test_comments_go_on_after_publishing(maya: Person, jonas: Person) -> None:
    published = review.published(by=maya)
    first = say(published, by=jonas)
    answer(first, by=maya)
    assert commenting.resolve(first, by=maya, now=LATER).resolved_at == LATER


@pytest.mark.parametrize(
    "change",
    ["by_id = by_id + 1", "anchor = 'findings'", "quote = 'Else'", "at = now()", "postmortem_id = postmortem_id + 1"],
)
def test_the_database_keeps_what_a_comment_is_about(draft: Postmortem, jonas: Person, change: str) -> None:
    say(draft, by=jonas)
    with pytest.raises(IntegrityError, match="never moved"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE incidents_comment SET {change}")
    with pytest.raises(IntegrityError, match="never moved"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM incidents_comment")


def test_the_database_keeps_threads_flat_versions_and_what_was_taken_back(draft: Postmortem, jonas: Person) -> None:
    first = say(draft, by=jonas)
    reply = answer(first, by=jonas)
    common = {"postmortem": draft, "text": "x", "by": jonas, "at": LATER}
    for bad in ({"anchor": PLACE, "answers_to": reply}, {"anchor": "findings", "answers_to": first}):
        with pytest.raises(ConstraintBroken) as refused, translated():
            Comment.objects.create(**common, **bad)
        assert refused.value.code == "comment_elsewhere"
    with pytest.raises(ConstraintBroken), translated():
        CommentVersion.objects.update(text="y")
    commenting.take_back(reply, by=jonas, now=LATER)
    with pytest.raises(ConstraintBroken), translated():
        Comment.objects.filter(pk=reply.pk).update(taken_back_at=None, text="back")


# ---- who is told ----


def test_the_author_and_the_thread_are_told_once_each(draft: Postmortem, maya: Person, jonas: Person) -> None:
    first = say(draft, by=jonas)
    path = f"/postmortems/{draft.incident_id}/?comment={first.pk}#comment-{first.pk}"
    assert (told(maya), told(jonas)) == ([("commented", path)], [])
    third = make.person("Priya Nair")
    reply = answer(first, by=third)
    assert len(told(maya)) == 2
    assert told(jonas) == [("commented", f"/postmortems/{draft.incident_id}/?comment={reply.pk}#comment-{reply.pk}")]
    assert told(third) == []


def test_who_is_named_is_told_by_name_and_not_twice(draft: Postmortem, maya: Person, jonas: Person) -> None:
    named = make.person("Priya Nair")
    made = say(draft, f"@{maya.email.partition('@')[0]} and @{named.email}: which?", by=jonas)
    assert [kind for kind, _ in told(maya)] == ["mentioned"]
    assert [kind for kind, _ in told(named)] == ["mentioned"]
    commenting.revise(made, text=f"@{named.email}, which?", seen=1, by=jonas, now=LATER)
    assert len(told(named)) == 1


def test_of_a_private_incident_its_people_alone_are_told(draft: Postmortem, maya: Person, jonas: Person) -> None:
    stranger = make.person("Sven Stranger")
    first = say(draft, by=stranger)
    participating.join(draft.incident, by=jonas, now=LATER)
    confiding.make_private(draft.incident, reason="It names a customer.", by=maya, now=LATER)
    fresh = Postmortem.objects.select_related("incident").get(pk=draft.pk)
    answer(Comment.objects.select_related("postmortem__incident").get(pk=first.pk), f"@{stranger.email}?", by=jonas)
    say(fresh, by=jonas)
    assert told(stranger) == []
    assert len(told(maya)) == 3


def test_what_was_told_goes_when_sight_is_lost(draft: Postmortem, maya: Person, jonas: Person) -> None:
    stranger = make.person("Sven Stranger")
    say(draft, f"@{stranger.email}?", by=jonas)
    assert len(told(stranger)) == 1
    confiding.make_private(draft.incident, reason="It names a customer.", by=maya, now=LATER)
    assert told(stranger) == []


# ---- who may ----


def test_everybody_who_reads_comments_and_responders_resolve(draft: Postmortem, maya: Person) -> None:
    viewer = make.person("Vera Viewer", role="viewer")
    client = signed_in(viewer)
    assert client.post(url(draft, f"comments/on/{PLACE}/"), {"text": "Why so?"}).status_code == 302
    made = Comment.objects.get()
    assert client.post(url(draft, f"comments/{made.pk}/answer/"), {"text": "Or so?"}).status_code == 302
    assert client.post(url(draft, f"comments/{made.pk}/resolve/")).status_code == 403
    assert signed_in(maya).post(url(draft, f"comments/{made.pk}/resolve/")).status_code == 302
    assert client.post(url(draft, f"comments/{made.pk}/reopen/")).status_code == 403
    assert Comment.objects.get(pk=made.pk).resolved_by == maya


def test_a_comment_is_its_authors(draft: Postmortem, maya: Person, jonas: Person) -> None:
    made = say(draft, by=jonas)
    edit, back = url(draft, f"comments/{made.pk}/edit/"), url(draft, f"comments/{made.pk}/take-back/")
    teammate = signed_in(maya)
    assert teammate.get(edit).status_code == 403
    assert teammate.post(edit, {"text": "Mine", "seen": 1}).status_code == 403
    assert teammate.post(back).status_code == 403
    assert signed_in(jonas).post(edit, {"text": "Said anew", "seen": 1}).status_code == 302
    assert Comment.objects.get().text == "Said anew"
    admin = signed_in(make.person("Ada Admin", role="admin"))
    assert admin.post(edit, {"text": "Theirs", "seen": 2}).status_code == 403
    assert admin.post(back).status_code == 302
    assert Comment.objects.get().text == ""
    assert signed_in(jonas).get(edit).status_code == 404


def test_a_stranger_to_a_private_incident_finds_nothing(draft: Postmortem, maya: Person, jonas: Person) -> None:
    made = say(draft, "Zanzibar leaks", by=maya)
    confiding.make_private(draft.incident, reason="It names a customer.", by=maya, now=LATER)
    stranger = signed_in(jonas)
    assert stranger.post(url(draft, f"comments/on/{PLACE}/"), {"text": "x"}).status_code == 404
    for act in ("answer", "edit", "take-back", "resolve", "reopen"):
        assert stranger.post(url(draft, f"comments/{made.pk}/{act}/"), {"text": "x", "seen": 1}).status_code == 404
    assert stranger.get(f"/api/v1/postmortems/{draft.incident_id}/comments/").json()["results"] == []
    assert stranger.get(f"/api/v1/postmortems/{draft.incident_id}/comments/{made.pk}/").status_code == 404
    assert stranger.get(f"/api/v1/postmortems/{draft.incident_id}/hints/").status_code == 404
    assert "leaks" not in stranger.get("/api/v1/search/?q=Zanzibar").content.decode()
    assert "leaks" in signed_in(maya).get("/api/v1/search/?q=Zanzibar").content.decode()
    assert Comment.objects.count() == 1


def test_comments_of_another_postmortem_are_not_found_here(draft: Postmortem, maya: Person) -> None:
    theirs = say(review.draft(title="Another"), by=maya)
    for act in ("answer", "edit", "take-back", "resolve", "reopen"):
        assert signed_in(maya).post(url(draft, f"comments/{theirs.pk}/{act}/"), {"text": "x"}).status_code == 404
    assert signed_in(maya).post(url(draft, "comments/on/section-nothing/"), {"text": "x"}).status_code == 404
