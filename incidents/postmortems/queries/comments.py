"""The comments of a postmortem by the places they stand at, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from incidents.postmortems.models import Comment, Postmortem
from incidents.response.queries import named


@dataclass(frozen=True)
class Said:
    """A comment and who is meant by the names in it."""

    comment: Comment
    names: Mapping[str, str]


@dataclass(frozen=True)
class Thread:
    """A comment and what was answered. `looked_for` when the address names one of them."""

    first: Said
    answers: Sequence[Said] = ()
    looked_for: bool = False

    @property
    def comment(self) -> Comment:
        """The comment that it begins with."""
        return self.first.comment

    @property
    def quote_stands(self) -> bool:
        """True while the words it is about are still in the text, or none are named."""
        section, quote = self.comment.section, self.comment.quote
        return not quote or section is None or quote in " ".join(section.text.split())


@dataclass(frozen=True)
class Talk:
    """What is said at one place: the threads shown, and how many are resolved, shown or not."""

    anchor: str
    threads: Sequence[Thread] = ()
    resolved: int = 0
    shows_resolved: bool = False

    @property
    def open(self) -> int:
        """How many threads wait for somebody."""
        return sum(one.comment.resolved_at is None and one.comment.taken_back_at is None for one in self.threads)

    @property
    def looked_for(self) -> bool:
        """True when the address names one of its comments."""
        return any(thread.looked_for for thread in self.threads)


@dataclass(frozen=True)
class Wanted:
    """Which threads are shown: those that are open, with the resolved ones of all places, and the one of a comment."""

    resolved: bool = False
    comment: int | None = None
    anchor: str | None = None


ONLY_OPEN = Wanted()


@dataclass
class _Begun:
    first: Comment | None = None
    answers: list[Comment] = field(default_factory=list)


def of(postmortem: Postmortem, wanted: Wanted = ONLY_OPEN) -> dict[str, Talk]:
    """What is said, by anchor; four queries at most."""
    comments = Comment.objects.filter(postmortem=postmortem)
    if wanted.anchor is not None:
        comments = comments.filter(anchor=wanted.anchor)
    resolved = _resolved(comments)
    if not wanted.resolved:
        shown = Q(answers_to=None, resolved_at=None) | Q(answers_to__isnull=False, answers_to__resolved_at=None)
        comments = comments.filter(shown | _thread_of(wanted.comment) if wanted.comment else shown)
    found = list(comments.select_related("by", "resolved_by", "section", "answers_to").order_by("pk"))
    said = dict(zip(found, named.called(one.names for one in found), strict=True))
    threads: dict[str, list[Thread]] = defaultdict(list)
    for begun in _threads(found):
        if begun.first is not None:
            thread = Thread(
                Said(begun.first, said[begun.first]),
                [Said(one, said[one]) for one in begun.answers],
                looked_for=wanted.comment in {begun.first.pk, *(one.pk for one in begun.answers)},
            )
            threads[begun.first.anchor].append(thread)
    return {
        anchor: Talk(anchor, threads.get(anchor, ()), resolved.get(anchor, 0), wanted.resolved)
        for anchor in {*threads, *resolved}
    }


def open_threads(postmortem: Postmortem) -> list[str]:
    """Where threads wait for somebody, oldest first; one query by an index that knows no others."""
    waiting = Comment.objects.filter(postmortem=postmortem, answers_to=None, resolved_at=None, taken_back_at=None)
    return list(waiting.order_by("pk").values_list("anchor", flat=True))


def _resolved(comments: QuerySet[Comment]) -> dict[str, int]:
    counted = comments.filter(resolved_at__isnull=False).values("anchor").annotate(n=Count("pk"))
    return dict(counted.values_list("anchor", "n"))


def _thread_of(comment: int) -> Q:
    first = Comment.objects.filter(pk=comment).values(first=Coalesce("answers_to", "pk"))
    return Q(pk__in=first) | Q(answers_to__in=first)


def _threads(found: Sequence[Comment]) -> list[_Begun]:
    """Threads in the order they began, without those in which all was taken back."""
    threads: dict[int, _Begun] = defaultdict(_Begun)
    for one in found:
        if one.answers_to_id is None:
            threads[one.pk].first = one
        elif one.taken_back_at is None:
            threads[one.answers_to_id].answers.append(one)
    return [one for one in threads.values() if one.answers or (one.first and one.first.taken_back_at is None)]
