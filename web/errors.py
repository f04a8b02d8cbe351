"""Errors that people caused and can cure, and the one map from database constraints to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, InternalError, transaction

if TYPE_CHECKING:
    from django.forms import BaseForm


class DomainError(Exception):
    """Something asked for cannot be done; says what and how to cure it. `field` names the input at fault."""

    status = 409
    code = "conflict"

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message or " ".join((self.__doc__ or "").split()))
        self.field = field

    @property
    def message(self) -> str:
        """The sentence shown to people and API clients alike."""
        return str(self)


class Invalid(DomainError):
    """The input cannot be used as it is."""

    status = 422
    code = "invalid"


class Doubted(DomainError):
    """Something speaks against it; say that it is to be done all the same. `code` says what, `field` is its tick."""

    status = 422

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, field=code)
        self.code = code


class ConstraintBroken(DomainError):
    """The database refused."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.message, field=rule.field)
        self.status = rule.status
        self.code = rule.code


@dataclass(frozen=True)
class Rule:
    """What a constraint or trigger means to a person."""

    code: str
    message: str
    field: str | None = None
    status: int = 409


_RULES: dict[str, Rule] = {}


def register(rules: dict[str, Rule]) -> None:
    """Add a room's constraint and trigger names to the map; called once from its AppConfig.ready."""
    _RULES.update(rules)


def known_constraints() -> frozenset[str]:
    """The names registered so far; a test of the house compares them with the database."""
    return frozenset(_RULES)


def rule_of(error: Exception) -> Rule | None:
    """The rule behind a database refusal, None when the map does not know it."""
    diag = getattr(error.__cause__, "diag", None)
    return _RULES.get(getattr(diag, "constraint_name", None) or "")


@contextmanager
def translated() -> Iterator[None]:
    """One transaction whose refusals by the database come out as DomainErrors."""
    try:
        with transaction.atomic():
            yield
    except (IntegrityError, InternalError) as error:
        rule = rule_of(error)
        if rule is None:
            raise
        raise ConstraintBroken(rule) from error


def put_on(form: BaseForm, error: DomainError) -> None:
    """Show a refusal on the form, beside the field it names."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
