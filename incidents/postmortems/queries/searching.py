"""What a search finds in postmortems: their titles, the texts that they show and their comments, drafts included.

Everybody who may read an incident may read its postmortem, also before it is published (see access).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.urls import reverse

from incidents.postmortems.models import Comment, Postmortem, Section
from incidents.postmortems.queries import showing
from incidents.response.queries import visible
from ownership.models import Person
from web import registry
from web.search import excerpts, finding
from web.search.asking import Asked
from web.search.expressions import PARTS, WHOLE, Headline, Holds


def postmortems(viewer: Person, asked: Asked, *, limit: int, after: int | None) -> registry.Found:
    """Postmortems, the latest begun first, each with the first section that holds what was looked for."""
    titled = finding.ids(Postmortem.objects.filter(visible.clause(viewer, of="incident")), asked, after=after)
    written = Section.objects.filter(visible.clause(viewer, of="postmortem__incident"), showing.shown())
    said = Comment.objects.filter(visible.clause(viewer, of="postmortem__incident"))
    if after is not None:
        written, said = written.filter(postmortem__lt=after), said.filter(postmortem__lt=after)
    sections = finding.ids(written, asked, after=None)
    of_sections = Section.objects.filter(pk__in=sections).values_list("postmortem", flat=True)
    comments = finding.ids(said, asked, after=None, over="words IS NOT NULL")
    of_comments = Comment.objects.filter(pk__in=comments).values_list("postmortem", flat=True)
    ids = sorted({*titled, *of_sections, *of_comments}, reverse=True)[: finding.COUNTED + 1]
    numbers = finding.cut(ids, limit=limit)
    rows = (
        Postmortem.objects.filter(pk__in=numbers.shown)
        .select_related("incident__service", "author")
        .annotate(told=Headline("title", asked.expression, WHOLE))
    )
    best = _sections(numbers.shown, asked)
    talk = _comments(set(numbers.shown) - set(best), asked)
    hits = [_hit(one, best.get(one.pk), talk.get(one.pk)) for one in finding.in_order(rows, numbers.shown)]
    return registry.Found(hits, numbers.count, numbers.more, numbers.following)


def _sections(postmortem_ids: Sequence[int], asked: Asked) -> dict[int, Section]:
    """The first section of each that holds what was asked for."""
    holding = (
        Section.objects.filter(showing.shown(), Holds("pk", asked.expression), postmortem__in=postmortem_ids)
        .order_by("postmortem", "position", "pk")
        .distinct("postmortem")
        .annotate(shown=Headline("text", asked.expression, PARTS))
    )
    return {section.postmortem_id: section for section in holding}


def _comments(postmortem_ids: Collection[int], asked: Asked) -> dict[int, Comment]:
    """The latest comment on each that holds what was asked for."""
    holding = (
        Comment.objects.filter(Holds("pk", asked.expression), postmortem__in=postmortem_ids)
        .order_by("postmortem", "-pk")
        .distinct("postmortem")
        .select_related("by")
        .annotate(shown=Headline("text", asked.expression, PARTS))
    )
    return {comment.postmortem_id: comment for comment in holding} if postmortem_ids else {}


def _hit(postmortem: Postmortem, section: Section | None, comment: Comment | None) -> registry.Hit:
    page = reverse("postmortems:postmortem", args=[postmortem.incident_id])
    held = section or comment
    if comment is not None:
        page += f"?comment={comment.pk}#comment-{comment.pk}"
    return registry.Hit(
        url=page,
        ref=postmortem.incident.ref,
        title=excerpts.of(postmortem, "told"),
        excerpt=excerpts.of(held, "shown") if held else [],
        note=_note(postmortem, section, comment),
        at=postmortem.published_at or postmortem.started_at,
        state=postmortem.state,
    )


def _note(postmortem: Postmortem, section: Section | None, comment: Comment | None) -> str:
    if section is None and comment is not None:
        return f"a comment by {comment.by.name}"
    return f"{section.heading}, by {postmortem.author.name}" if section else f"by {postmortem.author.name}"
