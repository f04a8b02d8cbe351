"""Short names for addresses, made from people's names for things."""

from __future__ import annotations

import itertools

from django.utils.text import slugify

from ownership.models import Service, Team

RESERVED = frozenset({"new"})  # addresses of our own
LONGEST = 120


def free(name: str, model: type[Service | Team]) -> str:
    """A slug for `name` that no row of `model` has now, numbered when taken.

    Two people who ask for the same one at the same moment meet the database's unique constraint, which says so.
    """
    base = slugify(name)[:LONGEST].strip("-") or str(model._meta.verbose_name)
    taken = set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED
    candidates = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(slug for slug in candidates if slug not in taken)
