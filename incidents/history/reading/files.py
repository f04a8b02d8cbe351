"""CSV, JSON Lines and JSON as rows, each with the line where it begins; what cannot be read is a problem."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from incidents.history.reading.records import Problem, Row

FORMATS = ("csv", "jsonl", "json")
_BY_ENDING = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}
DELIMITERS = ",;\t|"


class Unreadable(ValueError):
    """The file as a whole cannot be read; the message says why and what to do."""

    def __init__(self, code: str, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.code, self.line = code, line


def format_of(name: str, chosen: str = "") -> str:
    """The format that was chosen, else the one that the file's name says; raises Unreadable for neither."""
    found = chosen or _BY_ENDING.get(PurePath(name).suffix.lower(), "")
    if found not in FORMATS:
        raise Unreadable(
            "unknown_format", f"Say format: {', '.join(FORMATS)} in the mapping; the file's name does not."
        )
    return found


def rows(data: bytes, *, file: str, kind: str, path: str = "") -> Iterator[Row | Problem]:
    """Every row of a file of one of the FORMATS. `path` (JMESPath) leads to the list inside a JSON document.

    Lines count from 1.

    Of a JSON document the line is that of the entry in its list, since a document may be one line long.
    """
    text = _text(data)
    if kind == "csv":
        return _csv(text, file)
    return _jsonl(text, file) if kind == "jsonl" else _json(text, file, path)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable("not_utf8", "This is not UTF-8 text; save the file as UTF-8.", line) from error
    if "\0" in text:
        raise Unreadable(
            "nul", "There is a NUL character in it; this is no text file.", text[: text.index("\0")].count("\n") + 1
        )
    return text


def _csv(text: str, file: str) -> Iterator[Row | Problem]:
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise Unreadable("bad_csv", f"{error}; mend the quotation marks of the first row.") from error
    if not any(header):
        raise Unreadable("no_header", "The first row must name the columns.")
    if doubled := next((name for name in header if name and header.count(name) > 1), ""):
        raise Unreadable("column_twice", f"Two columns are called {doubled!r}; give them different names.")
    begins = reader.line_num + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Where a quotation mark went astray nobody can tell any more where the next row begins.
            raise Unreadable("bad_csv", f"{error}; mend the quotation marks of this row.", begins) from error
        line, begins = begins, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            told = f"This row has {len(cells)} cells, the header {len(header)}; quote cells that hold the separator."
            yield Problem(file, line, "cells", told)
        else:
            yield Row(line, dict(zip(header, cells, strict=True)))


def _jsonl(text: str, file: str) -> Iterator[Row | Problem]:
    for line, entry in enumerate(text.split("\n"), 1):
        if entry.strip():
            yield _object(entry, line, file)


def _object(text: str, line: int, file: str) -> Row | Problem:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Problem(file, line, "bad_json", f"This line is not JSON: {error}.")
    return _row(value, line, file)


def _json(text: str, file: str, path: str) -> Iterator[Row | Problem]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable("bad_json", f"This is not JSON: {error.msg}.", error.lineno) from error
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable("bad_json", f"This JSON cannot be read: {error}.") from error
    except RecursionError as error:
        raise Unreadable("bad_json", "This JSON is nested too deeply.") from error
    try:
        entries = jmespath.search(path, document) if path else document
    except JMESPathError as error:
        raise Unreadable("no_list", f"`rows: {path}` does not work on this document: {error}.") from error
    if not isinstance(entries, list):
        told = (
            f"`rows: {path}` does not lead to a list."
            if path
            else "The document is not a list; name its list by `rows`."
        )
        raise Unreadable("no_list", told)
    for number, entry in enumerate(entries, 1):
        yield _row(entry, number, file)


def _row(value: Any, line: int, file: str) -> Row | Problem:
    if isinstance(value, dict):
        return Row(line, value)
    return Problem(file, line, "no_object", "This entry is not an object with named values.")
