"""Short ways from a folder or a text to what the parsers make of it."""

from __future__ import annotations

from pathlib import Path

from ownership.importing import backstage, codeowners, files, merging
from ownership.importing.merging import Catalogue
from ownership.importing.records import Reading

HEAD = "apiVersion: backstage.io/v1alpha1\n"


def entity(kind: str = "Component", name: str = "retriever", **spec: object) -> str:
    """One document of a catalogue."""
    lines = [f"{HEAD}kind: {kind}", "metadata:", f"  name: {name}", "spec:", "  type: service"]
    return "\n".join([*lines, *(f"  {key}: {value}" for key, value in spec.items())]) + "\n"


def backstage_of(*documents: str) -> Reading:
    """Documents of one file."""
    return backstage.parse("---\n".join(documents), file="catalog-info.yaml")


def readings(path: Path) -> list[Reading]:
    """Each catalogue file below a folder."""
    return [backstage.parse(files.text_of(one), file=one.shown) for one in files.sources([path], "backstage")]


def folder(path: Path) -> Catalogue:
    """All catalogue files below a folder, together."""
    return merging.merged(readings(path))


def owners(path: Path) -> codeowners.Owners:
    """The one CODEOWNERS file below a folder."""
    (source,) = files.sources([path], "codeowners")
    return codeowners.read(files.text_of(source), file=source.shown)


def codes(reading: Reading | Catalogue) -> list[str]:
    """The codes of what was wrong, in order."""
    return [problem.code for problem in reading.problems]
