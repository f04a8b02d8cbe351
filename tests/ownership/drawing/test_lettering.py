"""Texts are cut to the room there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ownership.drawing.lettering import fitted, width_of


@given(st.text(), st.floats(0, 300))
def test_what_is_cut_fits_and_says_so(text: str, room: float) -> None:
    cut = fitted(text, room, 12)
    assert cut == text or cut.endswith("…")
    assert cut in {text, "…"} or width_of(cut, 12) <= room


def test_a_name_that_fits_stays_whole() -> None:
    assert fitted("Retriever", 146, 12.5) == "Retriever"
    cut = fitted("Embedding model with a very long name", 146, 12.5)
    assert cut.startswith("Embedding model")
    assert cut.endswith("…")
