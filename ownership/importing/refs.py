"""Entity references: `[kind:][namespace/]name`, whatever their case, with the defaults of the field they stand in."""

from __future__ import annotations

import re

from ownership.importing.records import Ref

DEFAULT_NAMESPACE = "default"
PARTIES = ("group", "user")
_FORM = re.compile(r"(?:(?P<kind>[^:/\s]+):)?(?:(?P<namespace>[^:/\s]+)/)?(?P<name>[^:/\s]+)")
_NAME = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*")
_NAMESPACE = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_EMAIL = re.compile(r"[^@\s/:]+@[^@\s/:]+\.[^@\s/:]+")
LONGEST = 63


class BadRef(ValueError):
    """The text is no reference; says what one looks like."""


def parse(text: str, *, kind: str, namespace: str = DEFAULT_NAMESPACE) -> Ref:
    """The reference in `text`; `kind` and `namespace` stand in where it gives none. Raises BadRef."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise BadRef(f"“{text[:80]}” is no reference; write [kind:][namespace/]name, such as group:default/search.")
    return ref(found["kind"] or kind, found["namespace"] or namespace, found["name"])


def ref(kind: str, namespace: str, name: str) -> Ref:
    """A reference in its one spelling."""
    return Ref(kind.casefold(), namespace.casefold(), name.casefold())


def parse_stored(text: str) -> Ref | None:
    """The reference in what `str(ref)` gave, when Backstage allows its name and namespace; None otherwise."""
    kind, _, rest = text.partition(":")
    namespace, _, name = rest.partition("/")
    return Ref(kind, namespace, name) if is_name(name) and is_namespace(namespace) else None


def has_kind(text: str) -> bool:
    """True when the reference says its kind itself."""
    found = _FORM.fullmatch(text.strip())
    return found is not None and bool(found["kind"])


def is_email(text: str) -> bool:
    """True for `john@example.com`, which some catalogues use as an owner."""
    return _EMAIL.fullmatch(text.strip()) is not None


def is_name(text: str) -> bool:
    """True when `text` may name an entity: 1–63 letters and digits, single - _ . between them."""
    return len(text) <= LONGEST and _NAME.fullmatch(text) is not None


def is_namespace(text: str) -> bool:
    """True when `text` may be a namespace: 1–63 letters and digits, single hyphens between them."""
    return len(text) <= LONGEST and _NAMESPACE.fullmatch(text) is not None
