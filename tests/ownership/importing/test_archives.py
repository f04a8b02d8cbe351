"""What people upload is opened without trusting it."""

from __future__ import annotations

import contextlib
import gzip
import io
import stat
import tarfile
import zipfile
import zlib

import pytest

from ownership.importing import archives, files
from ownership.importing.files import Piece, Unreadable


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", method) as made:
        for name, content in entries:
            made.writestr(name, content)
    return into.getvalue()


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w:gz") as made:
        for member, content in members:
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return into.getvalue()


def plain(name: str, content: bytes = b"a: 1") -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), content


def linked(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def refusal(raw: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        archives.unpacked(raw)
    return refused.value.code


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_what_may_be_a_catalogue_is_read_and_nothing_else(pack: str) -> None:
    names = [
        "top/a.yaml",
        "./top/deep/CODEOWNERS",
        "top/t.csv",
        "top/code.py",
        "top/.git/x.yaml",
        "top/node_modules/y.yml",
    ]
    raw = zipped(*((name, b"x") for name in names)) if pack == "zip" else tarred(*(plain(name) for name in names))
    assert archives.is_archive(raw)
    found, links = archives.unpacked(raw)
    assert (set(found), links) == ({"top/a.yaml", "top/deep/CODEOWNERS", "top/t.csv"}, [])
    top, inside = archives.without_top(found)
    assert (top, set(inside)) == ("top", {"a.yaml", "deep/CODEOWNERS", "t.csv"})


@pytest.mark.parametrize(
    "name", ["../x.yaml", "a/../../x.yaml", "/etc/x.yaml", "..\\x.yaml", "C:\\x.yaml", "a/..\\x.py"]
)
@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_a_path_that_leads_out_refuses_the_whole(pack: str, name: str) -> None:
    assert refusal(zipped((name, b"x")) if pack == "zip" else tarred(plain(name))) == "outside"


def test_links_are_passed_over_and_told() -> None:
    raw = tarred(linked("a.yaml", "/etc/passwd"), linked("b.yaml", "c.yaml", tarfile.LNKTYPE), plain("c.yaml"))
    assert archives.unpacked(raw) == ({"c.yaml": b"a: 1"}, ["a.yaml", "b.yaml"])
    entry = zipfile.ZipInfo("a.yaml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as made:
        made.writestr(entry, "/etc/passwd")
    assert archives.unpacked(into.getvalue()) == ({}, ["a.yaml"])


def test_devices_and_pipes_are_passed_over() -> None:
    assert archives.unpacked(tarred(linked("a.yaml", "", tarfile.FIFOTYPE)))[1] == ["a.yaml"]


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    one = b"\0" * (files.LARGEST + 1)
    many = archives.MOST_UNPACKED // len(one) + 1
    raw = zipped(*((f"{number}.yaml", one) for number in range(many)))
    assert len(raw) < 100_000 * many
    assert refusal(raw) == "too_large"


def test_one_huge_file_is_cut_and_told_as_too_large_where_it_is_read() -> None:
    found, _ = archives.unpacked(zipped(("x.yaml", b"x" * (2 * files.LARGEST))))
    assert len(found["x.yaml"]) == files.LARGEST + 1


def test_a_gzip_bomb_is_refused_by_what_comes_out() -> None:
    packer = zlib.compressobj(9, wbits=31)
    raw = b"".join(packer.compress(b"\0" * 1024 * 1024) for _ in range(80)) + packer.flush()
    assert refusal(raw) == "too_large"
    assert refusal(gzip.compress(b"\0" * 33 * 1024 * 1024) * 2) == "too_large"


def test_a_size_that_is_only_claimed_is_refused_or_told() -> None:
    raw = bytearray(zipped(("x.yaml", b"a: 1"), method=zipfile.ZIP_STORED))
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (100 * 1024 * 1024).to_bytes(4, "little")  # the central directory's uncompressed size
    with contextlib.suppress(Unreadable):
        found, _ = archives.unpacked(bytes(raw))
        assert len(found["x.yaml"]) <= files.LARGEST + 1


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRIES", 3)
    many = [f"{number}.txt" for number in range(4)]
    assert refusal(zipped(*((name, b"") for name in many))) == "too_many_files"
    assert refusal(tarred(*(plain(name) for name in many))) == "too_many_files"


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04 and then nothing of the kind",
        zipped(("x.yaml", b"a: 1"))[:-30],
        tarred(plain("x.yaml"))[:-20],
        gzip.compress(b"no tar inside"),
        b"\x1f\x8b\x08 junk",
        zipped(("x.yaml", b"x" * 100), method=zipfile.ZIP_LZMA),
    ],
    ids=["no zip", "cut zip", "cut tar", "no tar", "no gzip", "odd packing"],
)
def test_what_is_damaged_or_odd_ends_in_a_clear_error(raw: bytes) -> None:
    assert refusal(raw) == "bad_archive"


def test_a_password_is_asked_of_nobody() -> None:
    raw = bytearray(zipped(("x.yaml", b"a: 1")))
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(raw)) == "encrypted"


def test_what_is_kept_comes_back_as_it_was() -> None:
    pieces = {"a/b.yaml": Piece(b"\xff\0x", "backstage"), "l.yaml": Piece(b"", "link"), "c.csv": Piece(b"")}
    packed = archives.packed(pieces)
    assert archives.opened(packed) == pieces
    assert archives.packed(pieces) == packed
