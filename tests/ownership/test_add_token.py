"""`manage.py add_token`."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def add(*arguments: str) -> str:
    out = io.StringIO()
    call_command("add_token", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "scope"), [((), "read"), (("--scope", "write"), "write"), (("--scope", "ingest"), "ingest")]
)
def test_it_prints_nothing_but_a_token_that_works(editor: Person, arguments: tuple[str, ...], scope: str) -> None:
    printed = add(editor.email.upper(), *arguments)
    token = tokens.find(printed.strip(), now=NOON)
    assert token is not None
    assert (printed.count("\n"), token.person, token.scope) == (1, editor, scope)


def test_it_refuses_strangers_those_who_left_and_unknown_scopes(editor: Person) -> None:
    with pytest.raises(CommandError, match="Nobody here"):
        add("stranger@example.org")
    with pytest.raises(CommandError, match="ended"):
        add(make.person(is_active=False).email)
    with pytest.raises(CommandError, match="invalid choice"):
        add(editor.email, "--scope", "root")
    with pytest.raises(CommandError, match="80"):
        add(editor.email, "--label", "x" * 81)
    assert not editor.api_tokens.exists()


def test_a_revoked_token_finds_nobody(editor: Person) -> None:
    token, secret = tokens.make(editor, label="x", scope="read", now=NOON)
    tokens.revoke(token, now=NOON)
    assert tokens.find(secret, now=NOON) is None
