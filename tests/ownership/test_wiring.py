"""What the room hangs into the house: error rules, the rail, the first steps; what stays out of the logs."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from ownership.models import Person
from ownership.queries import beginnings
from ownership.wiring import RULES
from tests import factories as make
from tests.house.test_database import INTERNAL
from web import logs

pytestmark = pytest.mark.django_db

# Nobody can hit these: primary keys, and digests of 32 random bytes.
OUT_OF_REACH = ("_pkey", "_digest_key")
# Written by imports alone, one at a time, which find what is there first (tests/house/test_database.py).
IMPORTED = ("claim_", "catalogue_entry_", "ownership_claim_")
# Written with ON CONFLICT DO NOTHING.
SAID_ONCE = ("notice_once",)


def test_every_constraint_that_people_can_hit_has_its_words() -> None:
    tables = [model._meta.db_table for model in apps.get_app_config("ownership").get_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('u', 'c', 'x')"
            " UNION SELECT indexrelid::regclass::text FROM pg_index"
            " WHERE indrelid = ANY(%s::regclass[]) AND indisunique",
            [tables, tables],
        )
        names = {name for (name,) in cursor.fetchall()}
    reachable = {
        name
        for name in names
        if name not in set().union(*INTERNAL.values())
        and not name.endswith((*OUT_OF_REACH, *SAID_ONCE))
        and not name.startswith(IMPORTED)
        and "positive" not in name
        and not _is_sign(name)
    }
    assert reachable == set(RULES)


def _is_sign(name: str) -> bool:
    """Django's `>= 0` checks of positive numbers, whose forms and serializers refuse earlier."""
    return name.endswith(
        ("_position_check", "_timeout_ms_check", "_attempts_check", "_budget_ms_check", "_minutes_check")
    )


def test_every_rule_says_something_that_helps() -> None:
    assert all(rule.message.endswith(".") and len(rule.message) > 15 for rule in RULES.values())


def steps(viewer: Person) -> list[tuple[str, bool, bool]]:
    return [(step.label, step.done, step.url_name is not None) for step in beginnings.steps(viewer)]


def test_the_first_steps_follow_what_is_there(admin: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    labels = ("Name a service", "Say who answers", "Invite people")
    with django_assert_num_queries(1):
        told = steps(admin)
    assert told == [(label, False, True) for label in labels]
    service = make.service()
    assert [done for _, done, _ in steps(admin)] == [True, False, False]
    make.assignment(service, admin)
    assert [done for _, done, _ in steps(admin)] == [True, True, False]
    make.person()
    assert [done for _, done, _ in steps(admin)] == [True, True, True]


def test_a_step_leads_only_those_who_may_do_it() -> None:
    assert [may for *_, may in steps(make.person(role="viewer"))] == [False, False, False]
    assert [may for *_, may in steps(make.person(role="editor"))] == [True, True, False]


def test_a_joining_link_is_not_logged() -> None:
    assert logs.shown("GET /join/s3cret-Token_x/ 200") == "GET /join/…/ 200"
