"""An organisation's own templates: copied, written anew as the next version, retired, made the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.text import slugify

from incidents.postmortems.models import PostmortemTemplate, TemplateStanding
from incidents.postmortems.models.templates import OWN
from incidents.postmortems.queries import offers
from incidents.postmortems.queries.offers import FULL_REVIEW
from incidents.postmortems.vocabulary import BlockKind, Prefill, Suits
from ownership.models import Person
from web.errors import DomainError, Invalid, translated

MOST = 40  # sections of one template
LONGEST = {"name": 120, "about": 300, "heading": 200, "prompt": 2000}
MINUTES = 24 * 60
KEY = 60


class StaleTemplate(DomainError):
    """Somebody saved a newer version of this template meanwhile. What you wrote is kept; look at theirs first."""

    code = "stale_template"

    def __init__(self, theirs: PostmortemTemplate) -> None:
        super().__init__()
        self.theirs = theirs


class BuiltIn(DomainError):
    """A built-in template stays as it is; make a copy and change that."""

    code = "built_in"


class DefaultStays(DomainError):
    """This template is the default; make another one the default first."""

    code = "default_stays"


class Retired(DomainError):
    """This template is retired; bring it back first."""

    code = "template_retired"


@dataclass(frozen=True)
class Design:
    """What a version is to say. Sections are mappings of kind, heading, prompt, required, prefill and, if kept, key."""

    name: str
    about: str = ""
    minutes: int | None = None
    suits: str = Suits.ANY
    sections: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    def laid_out(self, base: PostmortemTemplate) -> PostmortemTemplate:
        """The version that it would be, checked, not stored; Invalid names the field at fault.

        A section that stands in `base` keeps its key, so that drafts that change to this version keep its text.
        """
        name = " ".join(self.name.split())
        if not name:
            raise Invalid("Give it a name.", field="name")
        _require_short(name, "name")
        _require_short(self.about, "about")
        if self.minutes is not None and not 1 <= self.minutes <= MINUTES:
            raise Invalid("Give a time between a minute and a day.", field="minutes")
        if self.suits not in Suits.values:
            raise Invalid("Choose one of the sorts of incident.", field="suits")
        return PostmortemTemplate(
            name=name,
            about=" ".join(self.about.split()),
            minutes=self.minutes,
            suits=self.suits,
            sections=_checked(self.sections, {entry["key"] for entry in base.sections}),
        )


def copy(original: PostmortemTemplate, design: Design, *, by: Person, now: datetime) -> PostmortemTemplate:
    """A template of one's own that begins as another one; its first version."""
    with translated():
        made = design.laid_out(original)
        made.code, made.version, made.copied_from = _free_code(made.name), 1, original
        return _store(made, by=by, now=now)


def save(
    template: PostmortemTemplate, design: Design, *, written_on: int, by: Person, now: datetime
) -> PostmortemTemplate:
    """The next version, written on version `written_on`; the same content again makes none.

    StaleTemplate when that is no longer the newest; BuiltIn for what came with Seamline.
    """
    if template.built_in:
        raise BuiltIn
    with translated():
        current = _newest(template.code)
        made = design.laid_out(current)
        if _content(made) == _content(current):
            return current
        if current.version != written_on:
            raise StaleTemplate(current)
        made.code, made.version, made.copied_from = current.code, current.version + 1, current.copied_from
        return _store(made, by=by, now=now)


def retire(code: str, *, by: Person, now: datetime) -> None:
    """Offer it no more; postmortems that follow it go on. DefaultStays for the default."""
    with translated():
        standing = _standing(code, by=by, now=now)
        if standing.is_default or (code == FULL_REVIEW and not _has_default()):
            raise DefaultStays
        standing.retired_at = standing.retired_at or now
        standing.save()


def restore(code: str, *, by: Person, now: datetime) -> None:
    """Offer it again."""
    with translated():
        standing = _standing(code, by=by, now=now)
        standing.retired_at = None
        standing.save()


def make_default(code: str, *, by: Person, now: datetime) -> None:
    """Take it wherever nothing about the incident asks for another one. Retired for what is not offered."""
    with translated():
        for held in TemplateStanding.objects.select_for_update().filter(is_default=True).exclude(code=code):
            held.is_default, held.changed_by, held.changed_at = False, by, now
            held.save()
        standing = _standing(code, by=by, now=now)
        if standing.retired_at is not None:
            raise Retired
        standing.is_default = True
        standing.save()


def _store(made: PostmortemTemplate, *, by: Person, now: datetime) -> PostmortemTemplate:
    made.made_by, made.made_at = by, now
    made.save(force_insert=True)
    return made


def _standing(code: str, *, by: Person, now: datetime) -> TemplateStanding:
    TemplateStanding.objects.bulk_create([TemplateStanding(code=code, changed_by=by)], ignore_conflicts=True)
    standing = TemplateStanding.objects.select_for_update().get(code=code)
    standing.changed_by, standing.changed_at = by, now
    return standing


def _has_default() -> bool:
    return TemplateStanding.objects.filter(is_default=True).exists()


def _newest(code: str) -> PostmortemTemplate:
    found = offers.newest(code)
    if found is None:
        raise PostmortemTemplate.DoesNotExist
    return found


def _content(one: PostmortemTemplate) -> tuple[Any, ...]:
    return one.name, one.about, one.minutes, one.suits, one.sections


def _free_code(name: str) -> str:
    base = f"{OWN}{slugify(name)[: KEY - len(OWN) - 5].strip('-') or 'template'}"
    taken = set(PostmortemTemplate.objects.filter(code__startswith=base).values_list("code", flat=True))
    return _first_free(base, taken, "-")


def _first_free(base: str, taken: set[str], between: str) -> str:
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}{between}{number}"
    return found


def _checked(sections: Sequence[Mapping[str, Any]], kept: set[str]) -> list[dict[str, Any]]:
    if not sections:
        raise Invalid("Give it one section at least.", field="sections")
    if len(sections) > MOST:
        raise Invalid(f"Keep it to {MOST} sections.", field="sections")
    taken: set[str] = set()
    made = []
    for place, said in enumerate(sections):
        entry = _text(said, place) if said.get("kind") == BlockKind.NARRATIVE else _block(said, place)
        key = str(said.get("key") or "")
        if entry["kind"] == BlockKind.NARRATIVE:
            entry["key"] = key if key in kept - taken else _first_free(_key_of(entry["heading"]), taken | kept, "_")
        if entry["key"] in taken:
            raise Invalid("This stands in it already.", field=f"kind_{place}")
        taken.add(entry["key"])
        made.append(entry)
    return made


def _key_of(heading: str) -> str:
    return f"own_{slugify(heading).replace('-', '_')[: KEY - 10] or 'section'}"


def _block(said: Mapping[str, Any], place: int) -> dict[str, Any]:
    if said.get("kind") not in BlockKind.values:
        raise Invalid("Choose one of the kinds of section.", field=f"kind_{place}")
    kind = str(said["kind"])
    return {"key": kind, "kind": kind, "heading": "", "prompt": "", "required": False, "prefill": ""}


def _text(said: Mapping[str, Any], place: int) -> dict[str, Any]:
    heading = " ".join(str(said.get("heading", "")).split())
    prompt = "\n".join(line.rstrip() for line in str(said.get("prompt", "")).strip().splitlines())
    prefill = str(said.get("prefill") or Prefill.NOTHING)
    if not heading:
        raise Invalid("Give the section a heading.", field=f"heading_{place}")
    if len(heading) > LONGEST["heading"]:
        raise Invalid(f"Keep the heading to {LONGEST['heading']} characters.", field=f"heading_{place}")
    if len(prompt) > LONGEST["prompt"]:
        raise Invalid(f"Keep the prompt to {LONGEST['prompt']} characters.", field=f"prompt_{place}")
    if prefill not in Prefill.values:
        raise Invalid("Choose one of the ways to fill it.", field=f"prefill_{place}")
    return {
        "key": "",
        "kind": BlockKind.NARRATIVE.value,
        "heading": heading,
        "prompt": prompt,
        "required": bool(said.get("required")),
        "prefill": prefill,
    }


def _require_short(text: str, name: str) -> None:
    if len(text) > LONGEST[name]:
        raise Invalid(f"Keep it to {LONGEST[name]} characters.", field=name)
