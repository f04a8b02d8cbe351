"""Reads every file that was given, and those that their Locations name, into one catalogue."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path

from ownership.importing import backstage, codeowners, csvfile, files, merging
from ownership.importing.files import Source, Unreadable
from ownership.importing.merging import Catalogue
from ownership.importing.records import Format, Problem, Reading, Target

_PARSERS = {"backstage": backstage.parse, "codeowners": codeowners.parse, "csv": csvfile.parse}


def gather(paths: Iterable[Path], format: Format | None = None) -> tuple[Catalogue, dict[str, str]]:  # noqa: A002
    """The catalogue, and for each file as shown the label by which its claims are known again. Raises Unreadable."""
    waiting = deque(files.sources(paths, format))
    seen = {source.path for source in waiting}
    labels: dict[str, str] = {}
    readings: list[Reading] = []
    problems: list[Problem] = []
    while waiting:
        source = waiting.popleft()
        labels[source.shown] = source.label
        try:
            reading = _PARSERS[source.format](files.text_of(source), file=source.shown)
        except Unreadable as error:
            problems.append(Problem(source.shown, 1, error.code, str(error)))
            continue
        readings.append(reading)
        for target in reading.targets:
            _follow(target, source, seen, waiting, problems)
    return merging.merged(readings, problems), labels


def _follow(target: Target, source: Source, seen: set[Path], waiting: deque[Source], problems: list[Problem]) -> None:
    """Queue the file that a Location names, unless it was read or waits already."""
    try:
        found = source.sibling(target.path)
    except Unreadable as error:
        problems.append(Problem(target.file, target.line, error.code, str(error), "warning"))
        return
    if found.path in seen:
        return
    if found.path.is_file():
        seen.add(found.path)
        waiting.append(found)
    elif target.required:
        message = f"The target {target.path[:120]} is not there; add the file or remove the line."
        problems.append(Problem(target.file, target.line, "target_missing", message, "warning"))
