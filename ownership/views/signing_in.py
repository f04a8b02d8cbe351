"""Sign-in, as the library does it, but for the status of a refusal."""

from __future__ import annotations

from allauth.account.views import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse

TOO_MANY = "too_many_login_attempts"  # the library's code


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; 429 after too many wrong passwords, which the library tells with 200, so that programs slow down."""
    answer: HttpResponse = login(request)
    form = (getattr(answer, "context_data", None) or {}).get("form")
    if form is not None and form.is_bound and form.has_error(NON_FIELD_ERRORS, TOO_MANY):
        answer.status_code = 429
    return answer
