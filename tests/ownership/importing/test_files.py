"""Only text below the given paths is opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ownership.importing import files


def test_each_file_once_by_its_name(tmp_path: Path) -> None:
    for name in ("a/catalog-info.yaml", "a/b.YML", "CODEOWNERS", "t.csv", "notes.md", ".git/x.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = list(files.sources([tmp_path, tmp_path / "t.csv"]))
    assert [(one.path.name, one.format) for one in found] == [
        ("t.csv", "csv"),
        ("b.YML", "backstage"),
        ("catalog-info.yaml", "backstage"),
    ]
    assert [one.path.name for one in files.sources([tmp_path], "csv")] == ["t.csv"]


def test_code_owners_are_read_alone_or_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("x")
    assert [one.format for one in files.sources([tmp_path])] == ["codeowners"]
    (tmp_path / "x.yaml").write_text("x")
    assert [one.format for one in files.sources([tmp_path])] == ["backstage"]
    assert [one.format for one in files.sources([tmp_path], "codeowners")] == ["codeowners"]
    assert [one.format for one in files.sources([tmp_path, tmp_path / "CODEOWNERS"])] == ["backstage", "codeowners"]


def test_links_lead_nowhere_outside(tmp_path: Path) -> None:
    outside, inside = tmp_path / "out.yaml", tmp_path / "in"
    outside.write_text("x")
    inside.mkdir()
    (inside / "link.yaml").symlink_to(outside)
    assert list(files.sources([inside])) == []


@pytest.mark.parametrize("target", ["../out.yaml", "/etc/passwd", "../../x/../y.yaml"])
def test_targets_stay_inside(tmp_path: Path, target: str) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "all.yaml").write_text("x")
    (source,) = files.sources([inside])
    with pytest.raises(files.Unreadable) as refused:
        source.sibling(target)
    assert refused.value.code == "outside"
    assert source.sibling("./near.yaml").path == inside / "near.yaml"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.yaml", b"\x00\x01", "binary"),
        ("x.yaml", b"\xff\xfe\xfd", "not_utf8"),
        ("x.yaml", b"x" * (files.LARGEST + 1), "too_large"),
        ("CODEOWNERS", b"x" * (files.LARGEST_CODEOWNERS + 1), "too_large"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    (source,) = files.sources([tmp_path])
    with pytest.raises(files.Unreadable) as refused:
        files.text_of(source)
    assert refused.value.code == code


def test_a_mark_at_the_beginning_and_other_line_ends_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r")
    (source,) = files.sources([tmp_path])
    assert files.text_of(source) == "a: 1\nb: 2\n"


def test_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", tmp_path / "nothing"):
        with pytest.raises(files.Unreadable):
            list(files.sources([path]))
