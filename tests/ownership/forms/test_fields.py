"""Fields that read what people type: shares, spans, labels."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from ownership.forms.fields import LONGEST_SPAN, LabelsField, PercentField, SpanField

SPAN, LABELS, PERCENT = SpanField(required=False), LabelsField(required=False), PercentField(required=False)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("60", 60), (" 90 min ", 90), ("2 h", 120), ("2H", 120), ("1 d", 1440), ("1 day", 1440), ("2 weeks", 20160),
        ("1 day 12 hours", 2160), ("1 d, 30 m", 1470), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_span_is_read_in_minutes(typed: str | None, minutes: int | None) -> None:
    assert SPAN.clean(typed) == minutes


@pytest.mark.parametrize("typed", ["soon", "0", "-5", "1.5 h", "1 fortnight", "5 10", "9999999 d", "1 h ago", "\x00"])
def test_what_is_no_span_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        SPAN.clean(typed)


@given(st.integers(min_value=1, max_value=LONGEST_SPAN))
def test_a_span_in_words_is_read_back_as_it_was(minutes: int) -> None:
    assert SPAN.clean(SPAN.prepare_value(minutes)) == minutes


def test_labels_are_lines_and_empty_lines_do_not_count() -> None:
    assert LABELS.clean("team: search\r\n\r\n url : https://x:8080 ") == {"team": "search", "url": "https://x:8080"}
    assert LABELS.clean("") == {}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("a: b\nnonsense", "Line 2: write it as key: value"),
        ("\n\n: x", "Line 3"),
        ("a:", "Line 1"),
        ("a: b\nc: d\na: e", "Line 3: a stands above already"),
    ],
)
def test_an_error_in_labels_names_its_line(typed: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        LABELS.clean(typed)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters=":"), min_size=1)


@given(st.dictionaries(WORDS, WORDS))
def test_labels_are_read_back_as_they_were(labels: dict[str, str]) -> None:
    assert LABELS.clean(LABELS.prepare_value(labels)) == labels


def test_a_share_may_carry_its_sign_and_loses_its_zeros() -> None:
    assert PERCENT.clean(" 99.5 % ") == Decimal("99.5")
    assert PERCENT.clean("") is None
    assert PERCENT.prepare_value(Decimal("99.500")) == "99.5"
    assert PERCENT.prepare_value(Decimal("90.000")) == "90"


@pytest.mark.parametrize("typed", ["0", "100", "-1", "99.9999", "high", "NaN"])
def test_what_is_no_share_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        PERCENT.clean(typed)
