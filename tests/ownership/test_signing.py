"""Invitations: a link works once, for two weeks, until a newer one replaces it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from ownership import signing
from ownership.models import Invitation, Person
from ownership.signing import INVITATION_LASTS, InvitationGone
from tests import factories as make
from tests.factories import NOON
from tests.ownership.conftest import signed_in
from web.errors import ConstraintBroken

pytestmark = pytest.mark.django_db

PASSWORD = "nine-loud-geese"


def invite(admin: Person) -> tuple[Person, str]:
    return signing.invite(email=" Tomas@Example.org ", name="Tomás", role="responder", by=admin, now=NOON)


def test_an_invited_person_joins_with_name_and_password(admin: Person) -> None:
    person, secret = invite(admin)
    assert (person.email, person.joined_at, person.has_usable_password()) == ("Tomas@example.org", None, False)
    joined = signing.join(secret, name="Tomás  Reyes", password=PASSWORD, now=NOON)
    assert (joined.name, joined.joined_at) == ("Tomás Reyes", NOON)
    assert joined.check_password(PASSWORD)


def test_the_secret_itself_is_not_kept(admin: Person) -> None:
    _, secret = invite(admin)
    assert secret not in str(Invitation.objects.values().get())


def test_a_link_works_once(admin: Person) -> None:
    _, secret = invite(admin)
    signing.join(secret, name="Tomás", password=PASSWORD, now=NOON)
    with pytest.raises(InvitationGone):
        signing.join(secret, name="Mallory", password="another-password", now=NOON)


def test_a_link_expires(admin: Person) -> None:
    _, secret = invite(admin)
    with pytest.raises(InvitationGone):
        signing.open_invitation(secret, now=NOON + INVITATION_LASTS)
    assert signing.open_invitation(secret, now=NOON + INVITATION_LASTS - timedelta(seconds=1))


def test_a_newer_link_replaces_the_older_one(admin: Person) -> None:
    person, first = invite(admin)
    second = signing.new_link(person, by=admin, now=NOON)
    with pytest.raises(InvitationGone):
        signing.open_invitation(first, now=NOON)
    assert signing.open_invitation(second, now=NOON).person == person


def test_somebody_is_invited_once(admin: Person) -> None:
    invite(admin)
    with pytest.raises(ConstraintBroken) as refused:
        invite(admin)
    assert (refused.value.code, refused.value.status, refused.value.field) == ("email_taken", 409, "email")


def test_an_unknown_secret_opens_nothing(db: None) -> None:
    with pytest.raises(InvitationGone):
        signing.open_invitation("guess", now=NOON)


# ---- the first admin, and whoever has a one-time password ----


def test_an_empty_installation_gets_one_admin_once(db: None) -> None:
    made = signing.first_admin(now=NOON)
    assert made is not None
    email, password = made
    person = Person.objects.get()
    assert (person.email, person.role, person.must_change_password) == (email, "admin", True)
    assert person.check_password(password)
    assert signing.first_admin(now=NOON) is None


def test_a_one_time_password_must_be_changed_before_anything_else(admin: Person) -> None:
    Person.objects.filter(pk=admin.pk).update(must_change_password=True)
    browser = signed_in(admin)
    assert browser.get("/services/")["Location"] == "/accounts/password/change/"
    assert browser.get("/accounts/password/change/").status_code == 200
    browser.post(
        "/accounts/password/change/",
        {"oldpassword": make.PASSWORD, "password1": "nine-loud-geese", "password2": "nine-loud-geese"},
    )
    admin.refresh_from_db()
    assert not admin.must_change_password
    assert browser.get("/services/").status_code == 200


def test_nobody_signs_up_by_themselves(db: None) -> None:
    Client().post("/accounts/signup/", {"email": "m@example.org", "password1": "nine-loud-geese"})
    assert not Person.objects.exists()


def test_a_one_time_password_cannot_stay_and_the_new_one_leads_to_the_board() -> None:
    made = signing.first_admin(now=NOON)
    assert made is not None
    email, once = made
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": once})
    change = "/accounts/password/change/"
    kept = client.post(change, {"oldpassword": once, "password1": once, "password2": once})
    assert "choose another one" in kept.content.decode()
    assert Person.objects.get().must_change_password
    done = client.post(change, {"oldpassword": once, "password1": PASSWORD, "password2": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, "/")
    assert not Person.objects.get().must_change_password
