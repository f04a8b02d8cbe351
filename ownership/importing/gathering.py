"""Reads every file that was given, and those that their Locations name, into one catalogue."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ownership.importing import backstage, codeowners, csvfile, files, merging
from ownership.importing.files import Source, Unreadable
from ownership.importing.merging import Catalogue
from ownership.importing.records import Format, Problem, Reading, Target

_PARSERS = {"backstage": backstage.parse, "codeowners": codeowners.parse, "csv": csvfile.parse}


@dataclass(frozen=True)
class Gathered:
    """The catalogue of all files; the label by which the claims of each file, as shown, are known again; and the files
    (as labelled, with their format) that were read without an error, so that what they leave out they no longer say."""

    catalogue: Catalogue
    labels: dict[str, str] = field(default_factory=dict)
    whole: frozenset[tuple[str, Format]] = frozenset()


def gather(sources: Iterable[Source]) -> Gathered:
    """Read the sources, and what their Locations name. Raises Unreadable when the sources themselves cannot be told."""
    waiting = deque(sources)
    seen = {source.path for source in waiting}
    labels: dict[str, str] = {}
    readings: list[Reading] = []
    problems: list[Problem] = []
    whole: set[tuple[str, Format]] = set()
    while waiting:
        source = waiting.popleft()
        labels[source.shown] = source.label
        try:
            reading = _PARSERS[source.format](files.text_of(source), file=source.shown)
        except Unreadable as error:
            problems.append(Problem(source.shown, 1, error.code, str(error)))
            continue
        readings.append(reading)
        if all(problem.severity != "error" for problem in reading.problems):
            whole.add((source.label, source.format))
        for target in reading.targets:
            _follow(target, source, seen, waiting, problems)
    return Gathered(merging.merged(readings, problems), labels, frozenset(whole))


def _follow(target: Target, source: Source, seen: set[Path], waiting: deque[Source], problems: list[Problem]) -> None:
    """Queue the file that a Location names, unless it was read or waits already."""
    try:
        found = source.sibling(target.path)
    except Unreadable as error:
        problems.append(Problem(target.file, target.line, error.code, str(error), "warning"))
        return
    if found.path in seen:
        return
    if found.is_there:
        seen.add(found.path)
        waiting.append(found)
    elif target.required:
        message = f"The target {target.path[:120]} is not there; add the file or remove the line."
        problems.append(Problem(target.file, target.line, "target_missing", message, "warning"))
