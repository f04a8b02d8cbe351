"""What people send: a file of past incidents, and how to read it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from incidents.history import examples, uploading


def _mapping_field(**options: Any) -> forms.CharField:
    return forms.CharField(
        label="Mapping",
        max_length=uploading.LONGEST_MAPPING,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "class": "mono"}),
        strip=False,
        **options,
    )


class UploadForm(forms.Form):
    """A file to look at before anything of it is imported. The mapping is a file, else a text, else a shipped one."""

    file = forms.FileField(
        label="File",
        error_messages={"required": "Choose a CSV, JSON Lines or JSON file.", "empty": "This file is empty."},
        help_text=f"CSV, JSON Lines (.jsonl) or JSON, in UTF-8; up to {uploading.megabytes()} MB.",
    )
    mapping_file = forms.FileField(
        label="Mapping file",
        required=False,
        help_text="YAML that says which column is what. Or use the two fields below.",
    )
    example = forms.ChoiceField(label="A shipped mapping", required=False, help_text="Counts when no other is given.")
    mapping = _mapping_field(
        required=False, help_text="The same as text. What is wrong with it is told here and your text stays."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["example"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "None"), *((one.name, f"{one.name}: {one.title}") for one in examples.every())]
        self._take_in()

    def _take_in(self) -> None:
        """The text of a mapping file, as if it had been typed, so that it comes back when something is wrong."""
        given = self.files.get("mapping_file")
        if not isinstance(given, UploadedFile) or (given.size or 0) > uploading.LONGEST_MAPPING:
            return
        told = given.read().decode("utf-8-sig", errors="replace").replace("\0", "")
        self.data = {**{name: self.data.get(name, "") for name in self.fields}, "mapping": told}

    def clean_mapping_file(self) -> None:
        """Its text has been taken in; only one too large to be read is left to refuse."""
        given = self.cleaned_data["mapping_file"]
        if given and given.size > uploading.LONGEST_MAPPING:
            raise ValidationError(f"A mapping has {uploading.LONGEST_MAPPING} characters at most.", code="too_long")

    def clean(self) -> dict[str, Any]:
        """Some mapping is needed."""
        said = super().clean() or self.cleaned_data
        chosen = next((one.text for one in examples.every() if one.name == said.get("example")), "")
        told = said.get("mapping", "")
        said["told"] = told if told.strip() else chosen
        if not said["told"] and not self.errors:
            self.add_error("mapping", "Give a mapping: a file, a text, or one of the shipped ones.")
        return said

    def facts(self) -> dict[str, Any]:
        """What `uploading.receive` takes."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        return {"data": file.read(), "name": file.name or "", "told": self.cleaned_data["told"]}


class MappingForm(forms.Form):
    """Another mapping for a file that was sent."""

    mapping = _mapping_field(error_messages={"required": "A mapping is needed."})
