"""Which texts a postmortem shows, as a condition on sections: what `Review.texts` are of one, for many at once.

Answers and ruled-out lines whose layer no longer asks stay in the database and are shown, found and amended nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from operator import or_

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from incidents.postmortems import questions
from incidents.postmortems.models import LayerTag
from incidents.postmortems.vocabulary import SectionKind
from incidents.response.models import Finding
from incidents.response.vocabulary import Layer


def shown() -> Q:
    """Sections that their postmortem shows: all of its own, and those that its layers ask for."""
    by_layer = {"layer": OuterRef("layer")}
    model_asks = Q(Exists(_tags(layer=Layer.MODEL))) | Q(Exists(_found(layer=Layer.MODEL)))
    blamed = Q(postmortem__incident__first_blame=Layer.MODEL)
    asks_six = model_asks | (blamed & ~Q(Exists(_found())))
    answers = (
        Q(kind=SectionKind.ANSWER) & (Q(Exists(_tags(**by_layer))) | Q(Exists(_found(**by_layer)))) & _asked_by_modes()
    )
    one_of_six = ~Q(layer=Layer.MODEL) & asks_six & ~Q(Exists(_found(**by_layer)))
    why_not_model = Q(layer=Layer.MODEL) & blamed & ~asks_six
    return Q(kind=SectionKind.NARRATIVE) | answers | (Q(kind=SectionKind.RULED_OUT) & (one_of_six | why_not_model))


def _asked_by_modes() -> Q:
    """Not a question of certain modes, or one of those modes was found."""
    by_modes: dict[frozenset[str], list[str]] = defaultdict(list)
    for question in questions.book().values():
        if question.modes:
            by_modes[question.modes].append(question.key)
    brought = reduce(or_, (Q(asked__in=keys, mode__in=modes) for modes, keys in by_modes.items()))
    # One subquery for all of them: each by itself would cost the planner so much that it reads whole tables instead.
    found = _found().alias(asked=ExpressionWrapper(OuterRef("key"), CharField())).filter(brought)
    return ~Q(key__in=[key for keys in by_modes.values() for key in keys]) | Q(Exists(found))


def _tags(**which: object) -> QuerySet[LayerTag]:
    return LayerTag.objects.filter(postmortem=OuterRef("postmortem"), untagged_at=None, **which)


def _found(**which: object) -> QuerySet[Finding]:
    """What holds now; once published, what was known then."""
    published = F("incident__postmortem__published_at")
    now = Q(superseded_at=None, incident__postmortem__published_at=None)
    then = Q(known_from__lte=published) & (Q(superseded_at=None) | Q(superseded_at__gt=published))
    return Finding.objects.filter(now | then, incident=OuterRef("postmortem__incident"), **which)
