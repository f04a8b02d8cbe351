"""What people write on a timeline: notes, facts, their later versions, and the files that come with them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from incidents.response import attaching, noting
from incidents.response.attaching import Upload
from incidents.response.models import TimelineRow
from incidents.response.noting import When
from incidents.response.vocabulary import Precision, TimelineKind
from web import sniffing
from web.forms import MomentInput, RadioCards
from web.wording import size

AGAIN = "Choose the files again: a browser forgets them when something else is missing."
PRECISION_CHOICES = [(one.value, one.label) for one in noting.PRECISIONS]
TYPES = ",".join(sorted(f".{ending}" for endings in sniffing.ENDINGS.values() for ending in endings))


class _Several(forms.FileInput):
    """The browser's own picker, for one file or many."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; cleans to a list. What they are is judged by the act, by their contents."""

    def __init__(self) -> None:
        super().__init__(
            label="Files",
            required=False,
            widget=_Several({"multiple": True, "accept": TYPES, "data-files": ""}),
            help_text=f"Pictures, logs and text, PDF; up to {size(settings.ATTACHMENT_MAX_BYTES)} each. They are kept "
            "as they are, with whatever a camera or a program noted in them.",
        )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        """The files that came."""
        given = data if isinstance(data, list) else [data]
        return [one for one in given if one]


class _WithFiles(forms.Form):
    """Files, and what the pictures among them show."""

    file = FilesField()
    alt = forms.CharField(
        label="What the pictures show",
        required=False,
        max_length=attaching.MOST * (attaching.LONGEST_ALT + 1),
        widget=forms.Textarea({"rows": 1}),
        help_text="For those who cannot see them: a line for each picture, in the order chosen.",
    )

    def uploads(self) -> list[Upload]:
        """The files as the act takes them; a line of `alt` for each that calls itself a picture."""
        lines = iter(self.cleaned_data["alt"].splitlines())
        pictures = {ending for endings in sniffing.PICTURES.values() for ending in endings}
        return [
            Upload(
                one.name or "",
                one.size or 0,
                one,
                next(lines, "") if (one.name or "").rpartition(".")[2].lower() in pictures else "",
            )
            for one in cast("list[UploadedFile[bytes]]", self.cleaned_data["file"])
        ]


class NoteForm(_WithFiles):
    """A note for the timeline."""

    text = forms.CharField(
        label="Note",
        max_length=noting.LONGEST,
        error_messages={"required": "Write something first."},
        widget=forms.Textarea(
            {
                "rows": 2,
                "data-key": "n",
                "data-mentions": "",
                "placeholder": "What did you see or do? Markdown works, and @ names people.",
            }
        ),
    )
    field_order = ("text", "file", "alt")

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["text"].required = not files  # a picture may say it all

    def said(self) -> dict[str, Any]:
        """What `noting.note` takes."""
        return {"text": self.cleaned_data["text"], "files": self.uploads()}


class _Timed(forms.Form):
    """When a fact happened, and what shows it."""

    at = forms.DateTimeField(
        label="When did it happen?",
        widget=MomentInput,
        help_text="In your time zone.",
        error_messages={"required": "Say when it happened, as exactly as you know."},
    )
    precision = forms.ChoiceField(
        label="How exactly is that known?", choices=PRECISION_CHOICES, initial=Precision.MINUTE, widget=RadioCards
    )
    source_url = forms.CharField(
        label="What shows it?",
        required=False,
        max_length=noting.LONGEST_SOURCE,
        widget=forms.URLInput({"placeholder": "https://", "autocomplete": "off"}),
        help_text="The address of a trace, a dashboard, a status page. It is linked, never fetched.",
    )

    def when(self) -> When:
        """As the acts take it."""
        said = self.cleaned_data
        return When(said["at"], said["precision"], said["source_url"])


class FactForm(_WithFiles, _Timed):
    """A fact with a time of its own."""

    text = forms.CharField(
        label="What happened?",
        max_length=noting.LONGEST,
        widget=forms.Textarea({"rows": 3, "data-mentions": ""}),
        error_messages={"required": "Say what happened."},
    )
    field_order = ("text", "at", "precision", "source_url", "file", "alt")

    def said(self) -> dict[str, Any]:
        """What `noting.fact` takes."""
        return {"text": self.cleaned_data["text"], "when": self.when(), "files": self.uploads()}


class ReviseForm(forms.Form):
    """A note said anew; `seen` is the version that the writer had before them."""

    text = forms.CharField(
        label="Note",
        required=False,
        max_length=noting.LONGEST,
        widget=forms.Textarea({"rows": 6, "data-mentions": ""}),
    )
    seen = forms.IntegerField(min_value=1, max_value=32_000, widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        """What `noting.revise` takes."""
        return {"text": self.cleaned_data["text"], "seen": self.cleaned_data["seen"]}


class ReviseFactForm(_Timed, ReviseForm):
    """A fact said anew."""

    field_order = ("text", "at", "precision", "source_url")

    def said(self) -> dict[str, Any]:
        """What `noting.revise` takes."""
        return {**super().said(), "when": self.when()}


class TakeBackForm(forms.Form):
    """Why a note or a fact no longer counts."""

    why = forms.CharField(
        label="Why?", max_length=noting.LONGEST_WHY, error_messages={"required": "Say why it is taken back."}
    )
    seen = forms.IntegerField(min_value=1, max_value=32_000, widget=forms.HiddenInput)


class RemoveFileForm(forms.Form):
    """Why a file is removed for good."""

    why = forms.CharField(
        label="Why?", max_length=attaching.LONGEST_WHY, error_messages={"required": "Say why the file is removed."}
    )


def revising(row: TimelineRow, data: Any = None) -> ReviseForm:
    """The form that says this row anew, filled with what it says now."""
    says = {"text": row.text, "seen": row.version, "at": row.at}
    says |= {name: row.data.get(name, "") for name in ("precision", "source_url")}
    kind = ReviseFactForm if row.kind == TimelineKind.FACT else ReviseForm
    return kind(data, initial=says)
