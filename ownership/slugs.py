"""Short names for addresses, made from people's names for things."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable

from django.utils.text import slugify

from ownership.models import Service, Team

RESERVED = frozenset({"new"})  # addresses of our own
LONGEST = 120


def free(name: str, model: type[Service | Team]) -> str:
    """A slug for `name` that no row of `model` has now, numbered when taken.

    Two people who ask for the same one at the same moment meet the database's unique constraint, which says so.
    """
    base = _base(name, model)
    taken = set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED
    return _first(base, taken)


def all_free(names: Iterable[str], model: type[Service | Team]) -> list[str]:
    """A free slug for each of many names, all of them different; one query."""
    taken = set(model._default_manager.values_list("slug", flat=True)) | RESERVED
    found = []
    for name in names:
        found.append(_first(_base(name, model), taken))
        taken.add(found[-1])
    return found


def free_among(name: str, taken: Container[str], model: type[Service | Team]) -> str:
    """A slug for `name` that is not `taken`, reserved ones being among those; no query."""
    return _first(_base(name, model), taken)


def _base(name: str, model: type[Service | Team]) -> str:
    return slugify(name)[:LONGEST].strip("-") or str(model._meta.verbose_name)


def _first(base: str, taken: Container[str]) -> str:
    candidates = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(slug for slug in candidates if slug not in taken)
