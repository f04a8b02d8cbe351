"""What a CODEOWNERS pattern matches, as GitHub and GitLab each read it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Dialect = Literal["github", "gitlab"]
MOST_WILDCARDS = 3  # in what is compared with other rules; each further one multiplies the time that a match can take
LONGEST_COMPARED = 200
_GLOB = re.compile(r"(?<!\\)[*?]")


def matches(pattern: str, path: str, dialect: Dialect = "github") -> bool:
    """True when `pattern` covers the file `path`, given from the root without a leading slash."""
    return _compiled(pattern, dialect).fullmatch(path.lstrip("/")) is not None


def is_plain(pattern: str) -> bool:
    """True for a pattern that names one file or folder, without wildcards, from the root."""
    return not _GLOB.search(pattern) and "/" in pattern.strip("/") + pattern[:1]


def covers(later: str, earlier: str, dialect: Dialect) -> bool:
    """True when whatever `earlier` matches, `later` matches too. Wildcards in `earlier` count only when it is equal."""
    if later.strip("/") == earlier.strip("/") and later[:1] == earlier[:1]:
        return later.endswith("/") is earlier.endswith("/") or earlier.endswith("/")
    too_dear = len(re.findall(r"\*+", later)) > MOST_WILDCARDS or len(earlier) > LONGEST_COMPARED
    if too_dear or not is_plain(earlier):
        return False
    inside = earlier.strip("/") + "/x/y"
    as_file = earlier.endswith("/") or matches(later, earlier, dialect)
    return as_file and matches(later, inside, dialect)


@lru_cache(maxsize=10_000)
def _compiled(pattern: str, dialect: Dialect) -> re.Pattern[str]:
    pattern = re.sub(r"(?:\*\*/){2,}", "**/", re.sub(r"\*{2,}", "**", pattern))
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or (dialect == "github" and "/" in pattern.rstrip("/"))
    expression = "" if anchored else "(?:.*/)?"
    segments = body.split("/") if body else []
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment == "**":
            expression += ".+" if last else "(?:.*/)?" if place == 0 or expression.endswith("/") else "(?:/.*)?/"
        else:
            expression += _segment(segment) + ("" if last else "/")
    return re.compile(expression + _ending(pattern, segments, dialect), re.DOTALL)


def _ending(pattern: str, segments: list[str], dialect: Dialect) -> str:
    """What may follow: a folder stands for its tree; `docs/*` stays on its level."""
    if not segments:
        return ".*"
    if segments[-1] == "**":
        return ""
    if pattern.endswith("/"):
        return "/.*"
    if dialect == "gitlab" or (segments[-1] == "*" and len(segments) > 1):
        return ""
    return "(?:/.*)?"


def _segment(segment: str) -> str:
    made, escaped = "", False
    for char in re.sub(r"\*\*+", "*", segment):
        if escaped:
            made, escaped = made + re.escape(char), False
        elif char == "\\":
            escaped = True
        else:
            made += {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char))
    return made
