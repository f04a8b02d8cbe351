"""What a message says: one notice as it is, or many as a digest with their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

SHOWN = 20  # of a digest; the rest is on the page


@dataclass(frozen=True)
class Line:
    """One notice of a message: the words, the page here, and what it offers to do at once."""

    text: str
    path: str
    act_label: str = ""
    act_path: str = ""


@dataclass(frozen=True)
class Letter:
    """A message in words, ready for any channel."""

    title: str
    body: str
    urgent: bool = False


def letter(lines: Sequence[Line], count: int, *, everything: str, urgent: bool = False) -> Letter:
    """`count` notices, of which `lines` are the first; `everything` is the page here where all of them stand."""
    if count == 1:
        parts = [f"{lines[0].text}.", *_addresses(lines[0])]
        title = lines[0].text
    else:
        title = f"{count:,} notices: {lines[0].text}"
        parts = [f"{count:,} notices came within a short time or while it was quiet."]
        parts += ["\n".join((f"- {line.text}", *(f"  {address}" for address in _addresses(line)))) for line in lines]
        parts += [f"And {count - len(lines):,} more."] if count > len(lines) else []
    parts.append(f"Everything you were told: {settings.BASE_URL}{everything}")
    return Letter(title, "\n\n".join(parts) + "\n", urgent)


def trial(name: str, *, page: str) -> Letter:
    """What the test button sends."""
    body = f"This is a test of a channel: {name}. When you read it, it works.\n\n{settings.BASE_URL}{page}\n"
    return Letter("A test from Seamline", body)


def _addresses(line: Line) -> list[str]:
    act = [f"{line.act_label}: {settings.BASE_URL}{line.act_path}"] if line.act_path else []
    return [*act, f"{settings.BASE_URL}{line.path}"]
