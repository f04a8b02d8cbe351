"""The forms of comments, and of waving a hint away."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.postmortems import commenting
from incidents.postmortems.models import Comment

TEXT: dict[str, Any] = {"rows": 2, "data-mentions": ""}


class CommentForm(forms.Form):
    """A comment on a place of the page, and the words that it is about."""

    text = forms.CharField(
        label="Comment",
        max_length=commenting.LONGEST,
        error_messages={"required": "Write something first."},
        widget=forms.Textarea({**TEXT, "placeholder": "Markdown works, and @ names people."}),
    )
    quote = forms.CharField(
        label="About these words",
        required=False,
        max_length=commenting.LONGEST_QUOTE,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="Copied from the text, or selected there before this is opened.",
    )


class AnswerForm(forms.Form):
    """An answer in a thread."""

    text = forms.CharField(
        label="Answer",
        max_length=commenting.LONGEST,
        error_messages={"required": "Write something first."},
        widget=forms.Textarea(TEXT),
    )


class ReviseForm(forms.Form):
    """A comment said anew; `seen` is the version that the writer had before them."""

    text = forms.CharField(
        label="Comment",
        max_length=commenting.LONGEST,
        error_messages={"required": "Write something, or take it back."},
        widget=forms.Textarea({**TEXT, "rows": 5}),
    )
    seen = forms.IntegerField(min_value=1, max_value=32_000, widget=forms.HiddenInput)


class QuietForm(forms.Form):
    """Which hint is waved away."""

    anchor = forms.CharField(max_length=70)
    rule = forms.CharField(max_length=40)
    excerpt = forms.CharField(max_length=400)


def comment_form(anchor: str, data: Any = None) -> CommentForm:
    """The form below a place; its fields carry the place in their ids."""
    return CommentForm(data, auto_id=f"comment-{anchor}-%s")


def answer_form(first: Comment, data: Any = None) -> AnswerForm:
    """The form below a thread; its field carries the thread in its id."""
    return AnswerForm(data, auto_id=f"answer-{first.pk}-%s")


def revise_form(comment: Comment, data: Any = None) -> ReviseForm:
    """The form that says a comment anew."""
    return ReviseForm(data, initial={"text": comment.text, "seen": comment.version})
