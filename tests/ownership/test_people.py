"""What admins do with people."""

from __future__ import annotations

import pytest
from django.test import Client

from ownership import people, signing, tokens
from ownership.models import Invitation, Person
from ownership.people import LastAdmin
from ownership.vocabulary import Role
from tests import factories as make
from tests.factories import NOON
from tests.ownership.conftest import signed_in
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db


def edit(person: Person, by: Person, **changes: str) -> Person:
    facts = {"name": person.name, "email": person.email, "role": person.role, **changes}
    return people.edit(person, by=by, now=NOON, **facts)


def test_details_can_be_corrected(admin: Person) -> None:
    jonas = make.person("Jonas")
    edit(jonas, admin, name=" Jonas  Lind ", email=" j@Example.org ", role=Role.EDITOR)
    jonas.refresh_from_db()
    assert (jonas.name, jonas.email, jonas.role) == ("Jonas Lind", "j@example.org", "editor")


def test_an_address_is_somebodys_in_whatever_case(admin: Person) -> None:
    with pytest.raises(ConstraintBroken) as refused:
        edit(make.person(), admin, email=admin.email.upper())
    assert (refused.value.code, refused.value.field) == ("email_taken", "email")


def test_a_name_is_needed(admin: Person) -> None:
    with pytest.raises(Invalid):
        people.rename(admin, name="  ", by=admin, now=NOON)


def test_the_last_admin_stays_admin_and_stays(admin: Person) -> None:
    make.person(role=Role.ADMIN, is_active=False)
    with pytest.raises(LastAdmin):
        edit(admin, admin, role=Role.EDITOR)
    with pytest.raises(LastAdmin):
        people.deactivate(admin, by=admin, now=NOON)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("admin", True)


def test_with_a_second_admin_the_first_may_go(admin: Person) -> None:
    second = make.person(role=Role.ADMIN)
    edit(admin, second, role=Role.VIEWER)
    with pytest.raises(LastAdmin):
        people.deactivate(second, by=second, now=NOON)


def test_access_ends_at_once_everywhere(admin: Person) -> None:
    jonas = make.person("Jonas")
    browser = signed_in(jonas)
    _, secret = tokens.make(jonas, label="x", scope="read", now=NOON)
    signing.new_link(jonas, by=admin, now=NOON)
    assert browser.get("/services/").status_code == 200
    people.deactivate(jonas, by=admin, now=NOON)
    assert browser.get("/services/").status_code == 302
    assert tokens.find(secret, now=NOON) is None
    assert not Invitation.objects.exists()
    assert not Client().login(username=jonas.email, password=make.PASSWORD)


def test_back_in_means_a_new_password_and_no_old_session_or_token(admin: Person) -> None:
    jonas = make.person("Jonas")
    browser = signed_in(jonas)
    _, token = tokens.make(jonas, label="x", scope="read", now=NOON)
    people.deactivate(jonas, by=admin, now=NOON)
    _, secret = people.reactivate(jonas, by=admin, now=NOON)
    assert browser.get("/services/").status_code == 302
    assert tokens.find(token, now=NOON) is None
    signing.join(secret, name="Jonas", password="nine-loud-geese", now=NOON)
    jonas.refresh_from_db()
    assert jonas.check_password("nine-loud-geese")
