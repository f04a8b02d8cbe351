"""Secrets in paths stay out of the logs."""

from __future__ import annotations

from web import logs


def test_a_joining_link_is_not_logged() -> None:
    assert logs.shown("GET /join/s3cret-Token_x/ 200") == "GET /join/…/ 200"
