"""What is said at the places of a page, as it is drawn: threads with their forms, below each block."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest

from incidents.postmortems import access
from incidents.postmortems.forms.comments import AnswerForm, CommentForm, answer_form, comment_form
from incidents.postmortems.models import Comment, Postmortem
from incidents.postmortems.queries.comments import Said, Talk, Thread, Wanted
from incidents.postmortems.queries.review import Block
from incidents.postmortems.vocabulary import SECTION_ANCHOR, BlockKind, anchor_of
from ownership.models import Person
from ownership.vocabulary import Role

WITHOUT = {BlockKind.QUESTIONS, BlockKind.RULED_OUT}  # their answers are sections, each with a place of its own


@dataclass(frozen=True)
class Refused:
    """A form whose words could not be taken: at which place, and in which thread."""

    anchor: str
    form: forms.Form
    thread: int | None = None


@dataclass(frozen=True)
class Remark:
    """One comment as this viewer sees it."""

    said: Said
    may_edit: bool
    may_take_back: bool

    @property
    def comment(self) -> Comment:
        """The comment."""
        return self.said.comment


@dataclass(frozen=True)
class Row:
    """One thread as it is drawn; `answering` opens its form."""

    thread: Thread
    remarks: Sequence[Remark]
    form: AnswerForm | forms.Form
    answering: bool


@dataclass(frozen=True)
class Board:
    """What is said at one place, for one viewer."""

    talk: Talk
    viewer: Person
    postmortem: Postmortem
    refused: Refused | None = None
    opened: bool = False
    untold: Collection[str] = ()
    made: int | None = None  # the comment that was just written
    heading: str = ""

    @property
    def part(self) -> str:
        """The id of this part of the page."""
        return id_of(self.talk.anchor)

    @property
    def is_open(self) -> bool:
        """Whether it is unfolded."""
        return self.opened or self.refused is not None or self.talk.looked_for or self.talk.shows_resolved

    @property
    def form(self) -> CommentForm | forms.Form:
        """The form that begins a thread."""
        if self.refused and self.refused.thread is None:
            return self.refused.form
        return comment_form(self.talk.anchor)

    @property
    def may_resolve(self) -> bool:
        """Responders say that something is settled."""
        return access.may_write(self.viewer)

    @property
    def quotable(self) -> bool:
        """Where there is a text there are words to quote."""
        return self.talk.anchor.startswith(SECTION_ANCHOR)

    @property
    def rows(self) -> list[Row]:
        """The threads, each with its form."""
        return [self._row(thread) for thread in self.talk.threads]

    def _row(self, thread: Thread) -> Row:
        refused = self.refused if self.refused and self.refused.thread == thread.comment.pk else None
        remarks = [self._remark(said) for said in (thread.first, *thread.answers)]
        form = refused.form if refused else answer_form(thread.comment)
        return Row(thread, remarks, form, refused is not None)

    def _remark(self, said: Said) -> Remark:
        own = said.comment.by_id == self.viewer.pk
        there = said.comment.taken_back_at is None
        return Remark(said, own and there, there and (own or self.viewer.may(Role.ADMIN)))


def id_of(anchor: str) -> str:
    """The id of what is said at a place."""
    return f"comments-{anchor}"


def wanted(request: HttpRequest) -> Wanted:
    """What the address asks for: ?comments=all, ?comment=<id>."""
    asked = request.GET.get("comment", "")
    comment = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    return Wanted(resolved=request.GET.get("comments") == "all", comment=comment)


def place(block: Block) -> str:
    """The anchor of a block."""
    return anchor_of(block.kind, block.section.key if block.section else "")


def boards(
    blocks: Sequence[Block],
    talks: Mapping[str, Talk],
    viewer: Person,
    postmortem: Postmortem,
    refused: Refused | None = None,
) -> dict[str, Board]:
    """What is said at each block, by anchor; blocks that show nothing and of which nothing is said have none."""
    made = {}
    for block in blocks:
        anchor = place(block)
        empty = postmortem.published_at is not None and block.section is not None and not block.section.text
        if anchor in talks or not (empty or block.kind in WITHOUT):
            heading = block.heading or BlockKind(block.kind).label
            talk = talks.get(anchor) or Talk(anchor)
            own = refused if refused and refused.anchor == anchor else None
            made[anchor] = Board(talk, viewer, postmortem, own, heading=heading)
    return made
