"""Structured logs that carry the id of the request they belong to, and never the secret in its path."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
_secret_paths: list[re.Pattern[str]] = []


def hide_in_paths(before: str) -> None:
    """Keep out of the logs the part of a path that follows what the expression `before` matches."""
    _secret_paths.append(re.compile(rf"({before})[^/?\s'\"<>]+"))


def shown(text: str) -> str:
    """The text with an ellipsis where a path held a secret."""
    for pattern in _secret_paths:
        text = pattern.sub(r"\1…", text)
    return text


class RequestIdFilter(logging.Filter):
    """Puts the current request's id on every record, and takes secrets out of its path."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with its id."""
        record.request_id = request_id.get()
        for name in ("path", "request"):  # ours, and Django's
            if hasattr(record, name):
                setattr(record, name, shown(str(getattr(record, name))))
                record.msg, record.args = shown(record.getMessage()), None
        return True
