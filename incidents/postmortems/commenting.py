"""Comments: said, answered, said anew, taken back, resolved. They go on after publishing; the text stays as it is."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from incidents.postmortems.models import Comment, CommentVersion, Postmortem, Section
from incidents.postmortems.vocabulary import COMMENTED_KINDS, SECTION_ANCHOR
from incidents.response import mentioning
from incidents.response.mentioning import Place
from incidents.response.queries import visible
from ownership import notifying
from ownership.models import Person
from ownership.vocabulary import NoticeKind
from web.errors import DomainError, Invalid, translated

LONGEST = 5_000  # characters
LONGEST_QUOTE = 300


class TakenBack(DomainError):
    """This comment was taken back meanwhile; reload the page."""

    code = "comment_taken_back"


class Changed(DomainError):
    """Somebody changed this comment meanwhile; look at what it says now."""

    code = "comment_changed"


def say(postmortem: Postmortem, *, anchor: str, text: str, by: Person, now: datetime, quote: str = "") -> Comment:
    """Begin a thread at a place of the page: `section-<key>`, or the kind of a block such as `findings`."""
    quote = " ".join(quote.split())
    if len(quote) > LONGEST_QUOTE:
        raise Invalid(f"Quote at most {LONGEST_QUOTE} characters.", field="quote")
    section = _section(postmortem, anchor)
    if section is None and anchor not in COMMENTED_KINDS:
        raise Invalid("There is no such place in this postmortem.", field="anchor")
    made = Comment(
        postmortem=postmortem,
        anchor=anchor,
        section=section,
        quote=quote,
        on_revision=section.revision if section else None,
    )
    return _write(made, text, by=by, now=now)


def is_place(postmortem: Postmortem, anchor: str) -> bool:
    """Whether something can be said there."""
    return anchor in COMMENTED_KINDS or _section(postmortem, anchor) is not None


def answer(first: Comment, *, text: str, by: Person, now: datetime) -> Comment:
    """Answer a comment, or whoever answered it: a thread has one level. Answering opens it again."""
    with translated():
        begun = _locked(Comment(pk=first.first_id))
        if begun.resolved_at is not None:
            _set_resolved(begun, None, None)
        made = Comment(postmortem=first.postmortem, anchor=begun.anchor, section_id=begun.section_id, answers_to=begun)
        return _write(made, text, by=by, now=now)


def revise(comment: Comment, *, text: str, seen: int, by: Person, now: datetime) -> Comment:
    """Say it anew, in the place of version `seen`; what it said before stays in its versions."""
    text = _checked(text)
    with translated():
        current = _locked(comment)
        if current.taken_back_at is not None:
            raise TakenBack
        if current.text == text:
            return current
        if current.version != seen:
            raise Changed
        meant = mentioning.named(text, by=by)
        current.text, current.names, current.edited_at = text, meant.as_kept(), now
        current.version += 1
        current.save(update_fields=["text", "names", "edited_at", "version"])
        CommentVersion.objects.create(comment=current, version=current.version, text=text, at=now)
        mentioning.tell_at(_place(current), meant, by=by, now=now)
    return current


def take_back(comment: Comment, *, by: Person, now: datetime) -> Comment:
    """Take it back: its words are shown to nobody any more. Twice is once."""
    with translated():
        current = _locked(comment)
        if current.taken_back_at is None:
            current.text, current.names, current.taken_back_at = "", {}, now
            current.save(update_fields=["text", "names", "taken_back_at"])
            told = notifying.told_below(_place(current).path)
            notifying.take_back(row.pk for row in told)
    return current


def resolve(comment: Comment, *, by: Person, now: datetime) -> Comment:
    """What a thread asked for is settled. Twice is once."""
    with translated():
        current = _locked(Comment(pk=comment.first_id))
        if current.resolved_at is None:
            _set_resolved(current, now, by)
    return current


def reopen(comment: Comment, *, by: Person, now: datetime) -> Comment:
    """It is not settled after all."""
    with translated():
        current = _locked(Comment(pk=comment.first_id))
        if current.resolved_at is not None:
            _set_resolved(current, None, None)
    return current


def path_of(comment: Comment, number: int) -> str:
    """The address at which a comment is shown, its thread opened, whether it is resolved or not."""
    return f"{reverse('postmortems:postmortem', args=[number])}?comment={comment.pk}#comment-{comment.pk}"


def _write(made: Comment, text: str, *, by: Person, now: datetime) -> Comment:
    made.text, made.by, made.at = _checked(text), by, now
    with translated():
        meant = mentioning.named(made.text, by=by)
        made.names = meant.as_kept()
        made.save(force_insert=True)
        CommentVersion.objects.create(comment=made, version=1, text=made.text, at=now)
        named = mentioning.tell_at(_place(made), meant, by=by, now=now)
        _tell(made, besides=named, by=by, now=now)
    return made


def _tell(made: Comment, *, besides: set[int], by: Person, now: datetime) -> None:
    """Tell the author of the postmortem and those in the thread, each once, and nobody who was told by name."""
    incident = made.postmortem.incident
    thread = Q(pk=made.first_id) | Q(answers_to=made.first_id)
    in_thread = Comment.objects.filter(thread, taken_back_at=None).values("by")
    people = list(Person.objects.filter(Q(pk=made.postmortem.author_id) | Q(pk__in=in_thread), is_active=True))
    unseeing = visible.hides(incident, people)
    did = "answered in a thread on" if made.answers_to_id else "commented on"
    notifying.tell(
        [one for one in people if one.pk not in unseeing and one.pk not in besides],
        kind=NoticeKind.COMMENTED,
        text=f"{by} {did} the postmortem of {incident}",
        path=path_of(made, incident.pk),
        now=now,
        key=f"comment:{made.pk}",
        besides=by,
    )


def _place(comment: Comment) -> Place:
    incident = comment.postmortem.incident
    where = path_of(comment, incident.pk)
    return Place(
        incident, f"a comment on the postmortem of {incident}", where, key=f"mentioned in comment:{comment.pk}"
    )


def _set_resolved(comment: Comment, at: datetime | None, by: Person | None) -> None:
    comment.resolved_at, comment.resolved_by = at, by
    comment.save(update_fields=["resolved_at", "resolved_by"])


def _locked(comment: Comment) -> Comment:
    rows = Comment.objects.select_for_update(of=("self",)).select_related("postmortem__incident")
    return rows.get(pk=comment.pk)


def _section(postmortem: Postmortem, anchor: str) -> Section | None:
    """The text at a place; None where other things stand."""
    key = anchor.removeprefix(SECTION_ANCHOR)
    return Section.objects.filter(postmortem=postmortem, key=key).first() if key != anchor else None


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid("Write something first.", field="text")
    if len(text) > LONGEST:
        raise Invalid(f"That is too long: at most {LONGEST:,} characters.", field="text")
    return text
