"""Naming a view of the board."""

from __future__ import annotations

from typing import Any

from django import forms


class _Named(forms.Form):
    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Give the view a name."}, help_text="As on its tab."
    )
    shared = forms.BooleanField(
        label="Show it to everybody",
        required=False,
        help_text="It stands above everybody's board; you and admins can change it. What a person may not see stays "
        "hidden from them.",
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            self.fields["shared"].disabled = True
            self.fields["shared"].help_text = "Responders can do that."


class SaveForm(_Named):
    """A name for what the board shows now."""

    default = forms.BooleanField(label="My board begins with it", required=False)


class ViewForm(_Named):
    """Another name, another place among one's own."""

    place = forms.IntegerField(
        label="Place", required=False, min_value=1, max_value=100, help_text="Counted from 1, among its owner's views."
    )
