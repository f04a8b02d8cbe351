"""What a list is narrowed to, read from an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

W = TypeVar("W")


def read(wanted: type[W], query: Mapping[str, str]) -> W:
    """`wanted` is a dataclass of texts; each is taken from the query under its own name, "" when it is not there."""
    names = [one.name for one in fields(wanted)]  # type: ignore[arg-type]  # a dataclass, which no type can say
    said: dict[str, Any] = {name: query.get(name, "").replace("\x00", "").strip() for name in names}
    return wanted(**said)


def cursors(after: type[W], query: Mapping[str, str]) -> W:
    """`after` is a dataclass of cursors; each is taken under its own name, None when it is not there."""
    names = [one.name for one in fields(after)]  # type: ignore[arg-type]  # a dataclass, which no type can say
    said: dict[str, Any] = {name: query.get(name) for name in names}
    return after(**said)
