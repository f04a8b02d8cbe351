"""Narrowing a list of the API by its query."""

from __future__ import annotations

import django_filters


class FilterSet(django_filters.FilterSet):  # type: ignore[misc]  # the library ships no types; here once for all
    """What every list's filters derive from."""
