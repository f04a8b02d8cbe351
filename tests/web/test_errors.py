"""What the database refuses comes out in words; what nobody foresaw comes out as it is."""

from __future__ import annotations

import pytest
from django import forms
from django.db import IntegrityError, connection, transaction

from ownership.models import Person
from tests import factories as make
from web import errors
from web.errors import ConstraintBroken, DomainError, Invalid, Rule


class Gone(DomainError):
    """This is no longer there;
    look again.
    """

    status = 404
    code = "gone"


class NameForm(forms.Form):
    email = forms.CharField()


def double() -> None:
    """Two people with one address."""
    make.person("Maya", email="maya@example.org")
    Person.objects.create(email="MAYA@example.org", name="Another")


def test_the_docstring_is_the_message_in_one_line() -> None:
    error = Gone()
    assert (error.message, error.status, error.code, error.field) == (
        "This is no longer there; look again.",
        404,
        "gone",
        None,
    )
    assert Gone("Somebody took it.", field="key").message == "Somebody took it."
    assert (Invalid("x").status, DomainError("x").status) == (422, 409)


@pytest.mark.django_db
def test_a_known_constraint_comes_out_in_words_beside_its_field() -> None:
    with pytest.raises(ConstraintBroken) as refused, errors.translated():
        double()
    assert (refused.value.code, refused.value.field, refused.value.status) == ("email_taken", "email", 409)
    assert refused.value.message == "Somebody with this e-mail address is already here."
    assert isinstance(refused.value.__cause__, IntegrityError)


@pytest.mark.django_db
def test_nothing_of_a_refused_act_stays_and_the_connection_goes_on() -> None:
    with pytest.raises(ConstraintBroken), errors.translated():
        double()
    assert Person.objects.count() == 0


@pytest.mark.django_db
def test_an_inner_refusal_passes_through_an_outer_act() -> None:
    with pytest.raises(ConstraintBroken) as refused, errors.translated(), errors.translated():
        double()
    assert refused.value.code == "email_taken"
    assert Person.objects.count() == 0


@pytest.mark.django_db
def test_an_unknown_refusal_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(errors._RULES, "person_email_once")
    with pytest.raises(IntegrityError, match="person_email_once"), errors.translated():
        double()


@pytest.mark.django_db
def test_a_trigger_speaks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(errors._RULES, "made_up", Rule("made_up", "Not like this.", "title", 422))
    with pytest.raises(ConstraintBroken) as refused, errors.translated(), connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '23000', CONSTRAINT = 'made_up'; END $$")
    assert (refused.value.status, refused.value.field) == (422, "title")


@pytest.mark.django_db
def test_an_error_without_a_constraint_has_no_rule() -> None:
    assert errors.rule_of(ValueError("x")) is None
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '23000'; END $$")
    assert errors.rule_of(refused.value) is None


def test_every_rule_says_something_and_has_a_status_that_htmx_swaps() -> None:
    for name in errors.known_constraints():
        rule = errors._RULES[name]
        assert rule.status in {409, 422}, name
        assert rule.message.endswith((".", "?")), name
        assert rule.code, name


def test_a_refusal_is_put_beside_its_field_or_on_top() -> None:
    form = NameForm({"email": "x"})
    errors.put_on(form, DomainError("Taken.", field="email"))
    errors.put_on(form, DomainError("Somebody was faster.", field="elsewhere"))
    errors.put_on(form, DomainError("And this."))
    assert form.errors["email"] == ["Taken."]
    assert form.non_field_errors() == ["Somebody was faster.", "And this."]
