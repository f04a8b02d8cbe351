"""Forms about catalogues that come in: the files, what an owner means, what to look for among claims."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from ownership.forms.fields import PartyField
from ownership.importing import CannotRead, uploading
from ownership.importing.records import Format
from ownership.queries.claims import SHOWN, Wanted
from ownership.vocabulary import ClaimFormat


class _Several(forms.FileInput):
    """The browser's own picker, for one file or many."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or many; cleans to what each holds, by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_Several({"multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Contents by name; two files of one name cannot be told apart."""
        given = data if isinstance(data, list) else [data] if data else []
        if not given:
            raise ValidationError(self.error_messages["required"], code="required")
        try:
            return uploading.by_name((str(one.name), one.read()) for one in cast("list[UploadedFile[bytes]]", given))
        except CannotRead as error:
            raise ValidationError(str(error), code="twice") from error


class UploadForm(forms.Form):
    """A catalogue to look at before anything of it is imported."""

    file = FilesField(
        label="Files",
        error_messages={"required": "Choose a file: catalog-info.yaml, CODEOWNERS, a CSV table, or one zip or tar.gz."},
        help_text="catalog-info.yaml, CODEOWNERS or CSV files, or one zip or tar.gz of a folder; "
        f"up to {uploading.megabytes()} MB.",
    )
    source = forms.CharField(
        label="Where they come from",
        required=False,
        max_length=200,
        help_text="The repository or folder. Files that come again under the same name are compared with these.",
        widget=forms.TextInput({"placeholder": "Taken from the archive when left empty", "autocomplete": "off"}),
    )
    format = forms.ChoiceField(
        label="Format", required=False, choices=[("", "By the name of each file"), *ClaimFormat.choices]
    )

    def facts(self) -> dict[str, Any]:
        """What `importing.receive` takes."""
        data = self.cleaned_data
        kind = cast("Format | None", data["format"] or None)
        return {"given": data["file"], "source": data["source"], "format": kind}


class MeaningForm(forms.Form):
    """Whom the ticked owners of the files mean here."""

    owner = forms.MultipleChoiceField(error_messages={"required": "Tick at least one owner."})
    party = PartyField(label="The ticked ones mean", empty="Choose somebody")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.ticked: list[str] = data.getlist("owner")[:200] if data is not None else []
        cast("forms.MultipleChoiceField", self.fields["owner"]).choices = [(one, one) for one in self.ticked]


class ClaimFilterForm(forms.Form):
    """What to show of the claims; whatever is not known counts as not said."""

    show = forms.ChoiceField(required=False, choices=[(one, one) for one in SHOWN])
    format = forms.ChoiceField(required=False, choices=ClaimFormat.choices)
    source = forms.CharField(required=False, max_length=400)
    team = forms.CharField(required=False, max_length=130)
    q = forms.CharField(required=False, max_length=200)

    def wanted(self) -> Wanted:
        """The filter, of what could be read."""
        self.is_valid()
        said = self.cleaned_data
        return Wanted(
            show=said.get("show") or SHOWN[0],
            format=said.get("format") or "",
            source=said.get("source") or "",
            team=said.get("team") or "",
            named=said.get("q") or "",
        )


class DecideForm(forms.Form):
    """One decision for the claims that are ticked, or, as `accept_all` and `ignore_all`, for all that were shown."""

    what = forms.ChoiceField(choices=[("accept", "Accept"), ("ignore", "Ignore"), ("reconsider", "Undecided")])
    claim = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "Tick at least one line.", "invalid_choice": "Tick lines of the list."}
    )

    def __init__(self, data: Any) -> None:
        deed = data.get("what", "") if data is not None else ""
        if deed in ("accept_all", "ignore_all"):
            data = data.copy()
            data["what"] = deed.removesuffix("_all")
            data.setlist("claim", data.getlist("shown"))
        super().__init__(data)
        field = cast("forms.TypedMultipleChoiceField", self.fields["claim"])
        ticked = data.getlist("claim")[:200] if data is not None else []
        field.choices = [(one, one) for one in ticked if one.isdecimal() and len(one) < 18]
