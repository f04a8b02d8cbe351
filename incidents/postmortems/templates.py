"""The built-in templates: data in templates.toml, loaded after every migrate."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from incidents.postmortems.models import PostmortemTemplate
from incidents.postmortems.vocabulary import BlockKind

FILE = Path(__file__).with_name("templates.toml")
SECTION = {"kind": BlockKind.NARRATIVE.value, "heading": "", "prompt": "", "required": False, "prefill": ""}


def load(file: Path = FILE) -> int:
    """Add the versions that are not there yet; returns how many the file holds. What is there never changes."""
    templates = [
        PostmortemTemplate(
            code=entry["code"],
            version=entry["version"],
            name=entry["name"],
            about=entry.get("about", ""),
            minutes=entry.get("minutes"),
            suits=entry.get("suits", ""),
            sections=[SECTION | {"key": section.get("kind", "")} | section for section in entry["section"]],
        )
        for entry in read(file)
    ]
    PostmortemTemplate.objects.bulk_create(templates, ignore_conflicts=True)
    return len(templates)


def read(file: Path = FILE) -> list[dict[str, Any]]:
    """The templates as the file tells them."""
    entries: list[dict[str, Any]] = tomllib.loads(file.read_text())["template"]
    return entries
