"""Request ids, headers, htmx redirects, the viewer's zone, refusals."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.test import Client, RequestFactory
from django.utils import timezone
from django_htmx.middleware import HtmxMiddleware

from web import logs, middleware
from web.errors import DomainError

Answer = Callable[[HttpRequest], HttpResponse]


def asked(path: str = "/x/", **headers: str) -> HttpRequest:
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    request = RequestFactory().get(path, **named)
    HtmxMiddleware(lambda _: HttpResponse())(request)
    return request


# ---- request ids ----


def test_each_request_has_its_own_id_and_logs_carry_it() -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        record = logging.makeLogRecord({})
        assert logs.RequestIdFilter().filter(record)
        seen.append(record.request_id)
        return HttpResponse()

    layer = middleware.request_id(view)
    answers = [layer(asked()), layer(asked())]
    assert [answer["X-Request-Id"] for answer in answers] == seen
    assert len(set(seen)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in seen)
    assert logs.request_id.get() == "-"


def test_the_proxys_id_is_kept_when_it_is_one() -> None:
    layer = middleware.request_id(lambda request: HttpResponse())
    assert layer(asked(x_request_id="7f3a-11_b.c"))["X-Request-Id"] == "7f3a-11_b.c"
    for bad in ("short", "x" * 65, "with space here", "quote\"'<script>", "über-und-über"):
        assert layer(asked(x_request_id=bad))["X-Request-Id"] != bad


def test_the_id_is_put_back_also_when_the_view_breaks() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise RuntimeError("x")

    with pytest.raises(RuntimeError):
        middleware.request_id(view)(asked())
    assert logs.request_id.get() == "-"


def test_answers_of_500_are_logged_with_their_path(caplog: pytest.LogCaptureFixture) -> None:
    middleware.request_id(lambda request: HttpResponse(status=502))(asked("/board/"))
    (record,) = [record for record in caplog.records if record.name == "seamline.requests"]
    assert (record.path, record.status) == ("/board/", 502)


def test_sensors_stay_away() -> None:
    answer = middleware.permissions_policy(lambda request: HttpResponse())(asked())
    assert "camera=()" in answer["Permissions-Policy"]


# ---- htmx redirects ----


def redirected(to: str, **headers: str) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        answer = HttpResponseRedirect(to)
        answer.set_cookie("messages", "kept")
        return answer

    return middleware.htmx_redirects(view)(asked(**headers))


def test_a_browser_follows_by_itself() -> None:
    answer = redirected("/incidents/7/")
    assert (answer.status_code, answer["Location"]) == (302, "/incidents/7/")


def test_htmx_takes_the_whole_browser_along_and_keeps_cookies() -> None:
    answer = redirected("/incidents/7/", hx_request="true")
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/incidents/7/")
    assert "Location" not in answer
    assert answer.cookies["messages"].value == "kept"


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/incidents/7/?tab=x", "%2Fincidents%2F7%2F%3Ftab%3Dx"),
        ("http://testserver/", "%2F"),
        ("", "%2F"),
    ],
)
def test_sign_in_comes_back_to_the_page_not_to_the_fragment(page: str, back: str) -> None:
    answer = redirected("/accounts/login/?next=/incidents/7/note/", hx_request="true", hx_current_url=page)
    assert answer["HX-Redirect"] == f"/accounts/login/?next={back}"


def test_other_answers_pass_by() -> None:
    for status in (200, 204, 422):
        answer = middleware.htmx_redirects(lambda request, status=status: HttpResponse(status=status))(
            asked(hx_request="true")
        )
        assert answer.status_code == status
        assert "HX-Redirect" not in answer


def test_a_moved_address_takes_the_browser_along_too() -> None:
    answer = middleware.htmx_redirects(lambda request: HttpResponsePermanentRedirect("/new/"))(asked(hx_request="true"))
    assert answer["HX-Redirect"] == "/new/"


# ---- the viewer's zone ----


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("", "UTC"),
        ("Nowhere/Nothing", "UTC"),
        ("../../etc/passwd", "UTC"),
        ("/etc/passwd", "UTC"),
        ("Europe", "UTC"),
        ("x" * 5000, "UTC"),
        ("a\x00b", "UTC"),
    ],
)
def test_times_are_shown_in_the_zone_of_the_cookie_or_utc(cookie: str, zone: str) -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    request = asked()
    request.COOKIES["tz"] = cookie
    middleware.viewer_time_zone(view)(request)
    assert seen == [zone]
    assert timezone.get_current_timezone_name() == "UTC"


# ---- refusals ----


def refused(error: Exception, **headers: str) -> HttpResponse | None:
    return middleware.DomainErrors(lambda request: HttpResponse()).process_exception(asked(**headers), error)


def test_a_refusal_is_a_page_with_its_status() -> None:
    answer = refused(DomainError("Somebody was faster."))
    assert answer is not None
    assert answer.status_code == 409
    assert "Somebody was faster." in answer.content.decode()
    assert "<title>" in answer.content.decode()


def test_for_htmx_it_is_one_line_beside_the_page_not_in_place_of_the_target() -> None:
    answer = refused(DomainError("<b>faster</b>"), hx_request="true", hx_target="timeline")
    assert answer is not None
    assert "<title>" not in answer.content.decode()
    assert "&lt;b&gt;faster" in answer.content.decode()
    assert answer["HX-Retarget"] == "#messages"


def test_other_errors_are_not_hidden() -> None:
    assert refused(ValueError("x")) is None


@pytest.mark.django_db
def test_the_whole_stack_refuses_framing_and_inline_code() -> None:
    answer = Client().get("/accounts/login/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-Id"]
