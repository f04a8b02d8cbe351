"""The forms of writing: a section's text, choices between two texts, revisions to compare, who is here."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django import forms

from incidents.postmortems import comparing
from incidents.postmortems.comparing import Pick
from incidents.postmortems.drafting import clean

SECTION_MAX = 200_000
KNOWN_MAX = 20_000
_PICK = re.compile(r"pick-(\d{1,6})")
_KNOWN = re.compile(r"([\w-]{1,60}):(\d{1,9})(?!\S)")


class SectionForm(forms.Form):
    """A section's text and the revision it was written on.

    `keep_over` names the revision that it shall replace; `merge_over` the one with which it is merged by `picks`, which
    were made for the text that `mine_was` is the digest of.
    """

    text = forms.CharField(required=False, strip=False, max_length=SECTION_MAX)
    revision = forms.IntegerField(min_value=0)
    keep_over = forms.IntegerField(min_value=0, required=False)
    merge_over = forms.IntegerField(min_value=0, required=False)
    mine_was = forms.CharField(max_length=64, required=False)

    @property
    def on_revision(self) -> int:
        """The revision that the text may replace."""
        over, written_on = self.cleaned_data["keep_over"], self.cleaned_data["revision"]
        return int(written_on if over is None else over)

    @property
    def picks(self) -> dict[int, Pick]:
        """What was chosen, by the number of the passage."""
        known = {str(pick): pick for pick in comparing.PICKS}
        found = ((_PICK.fullmatch(name), known.get(str(value))) for name, value in self.data.items())
        return {int(name[1]): pick for name, pick in found if name and pick}

    @property
    def outdated(self) -> bool:
        """Whether the choices were made for another text than the one that came with them."""
        return bool(digest(self.cleaned_data["text"]) != self.cleaned_data["mine_was"])


def digest(text: str) -> str:
    """What tells one text from another, as it would be kept."""
    return hashlib.sha256(clean(text).encode()).hexdigest()[:16]


class CompareForm(forms.Form):
    """Two revisions to compare: `from` and `to`."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name, label in (("from", "From revision"), ("to", "to revision")):
            self.fields[name] = forms.IntegerField(min_value=0, max_value=2**31 - 1, label=label)


class RestoreForm(forms.Form):
    """The revision that a restored text replaces."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class HereForm(forms.Form):
    """What an open page says: where somebody writes, `key:revision` of its sections, what it was told last."""

    section = forms.CharField(max_length=60, required=False)
    known = forms.CharField(max_length=KNOWN_MAX, required=False)
    tag = forms.CharField(max_length=16, required=False)

    @property
    def revisions(self) -> dict[str, int]:
        """The revision that the page has of each section, by key."""
        return {key: int(revision) for key, revision in _KNOWN.findall(self.cleaned_data["known"])}
