"""An answer as a page shows it: its table in cells, its figure with an address behind every mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import NUMERIC, Answer, Column, Line
from incidents.patterns.figures import kit
from incidents.patterns.questions.asking import Question
from incidents.patterns.window import Window
from web.templatetags.ui import layer_chip

ADDRESS = "address"  # in a selection: not incidents, but this place of ours is behind the mark
UNKNOWN = "–"
MOST_ROWS = 150  # on a page; the file has them all
FLUSH, FAINT_ZERO = format_html(' class="{}"', "num"), format_html('<span class="faint">{}</span>', "0")
WORDS: Mapping[str, Callable[[Any], str]] = {
    "share": kit.percent,
    "duration": kit.lasting,
    "p_value": words.p_value,
    "number": lambda value: f"{value:,.1f}" if isinstance(value, float) else f"{value:,}",
    "count": lambda value: f"{value:,}",
    "incident": "INC-{}".format,
}


@dataclass(frozen=True)
class Cell:
    """What a cell says, what kind of thing it is, and the address behind it, if any."""

    text: str
    kind: str
    value: Any = None
    url: str = ""

    @property
    def numeric(self) -> bool:
        """True for what is set flush right."""
        return self.kind in NUMERIC

    @property
    def shown(self) -> SafeString:
        """As the page writes it: a link, a layer's chip, a faint zero, or the words."""
        if self.url:
            return format_html('<a href="{}">{}</a>', self.url, self.text)
        if self.kind == "layer" and self.value:
            return layer_chip(self.value)
        return FAINT_ZERO if self.text == "0" else conditional_escape(self.text)


@dataclass(frozen=True)
class Table:
    """The columns' heads and the cells of each row; the first cell of a row names it. `foot` are sums, if any.

    `left_out` counts the rows that are in the file alone.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    left_out: int = 0

    @property
    def body(self) -> Iterator[SafeString]:
        """The cells of each row as the page writes them: a table of thousands costs a template a second."""
        for first, *others in self.rows:
            cells = format_html_join("", "<td{}>{}</td>", ((FLUSH if one.numeric else "", one.shown) for one in others))
            yield format_html('<th scope="row">{}</th>{}', first.shown, cells)


@dataclass(frozen=True)
class Card:
    """A question with its answer; `figure` is Plotly JSON whose marks carry addresses."""

    question: Question
    answer: Answer
    table: Table
    figure: Mapping[str, Any] | None
    url: str
    csv_url: str
    before: Answer | None = None

    @property
    def chart_id(self) -> str:
        """The id of the figure's JSON on the page."""
        return f"chart-{self.question.slug}"


def card(question: Question, answer: Answer, window: Window, *, before: Answer | None = None) -> Card:
    """An answer about a window, for the page; `before` is the answer about the time before, for comparison."""
    query = urlencode(window.query())
    return Card(
        question,
        answer,
        pivoted(answer, window) if answer.pivot else table(answer, window),
        None if answer.figure is None else leading_on(answer.figure, window),
        f"{reverse('patterns:question', args=[question.slug])}?{query}",
        f"{reverse('patterns:question_csv', args=[question.slug])}?{query}",
        before,
    )


def behind(selection: Mapping[str, str], window: Window) -> str:
    """The address of the incidents behind a mark, or what the selection itself says; empty when nothing is."""
    if not selection:
        return ""
    if ADDRESS in selection:
        return selection[ADDRESS]
    # A span would move on with the calendar, a month that was clicked on does not.
    kept = window.days_query() | window.filter_query() if "month" in selection else window.query()
    return f"{reverse('patterns:incidents')}?{urlencode({**kept, **selection})}"


def leading_on(figure: Mapping[str, Any], window: Window) -> dict[str, Any]:
    """The figure with the selections in `customdata` turned into addresses."""

    def addressed(data: Any) -> Any:
        if isinstance(data, Mapping):
            return behind(data, window)
        return [addressed(one) for one in data] if isinstance(data, list | tuple) else data

    def trace(one: Mapping[str, Any]) -> dict[str, Any]:
        turned = {key: addressed(value) if key == "customdata" else value for key, value in one.items()}
        for part in ("link", "node"):
            if isinstance(turned.get(part), Mapping) and "customdata" in turned[part]:
                turned[part] = {**turned[part], "customdata": addressed(turned[part]["customdata"])}
        return turned

    return {**figure, "data": [trace(one) for one in figure["data"]]}


def table(answer: Answer, window: Window) -> Table:
    """The lines as they are, MOST_ROWS at most; the first count that stands for incidents carries the address, else the
    first cell."""
    carrier = next((one.name for one in answer.columns if one.kind == "count"), answer.columns[0].name)
    rows = [_row(line, answer.columns, carrier, window) for line in answer.lines[:MOST_ROWS]]
    return Table(answer.columns, rows, left_out=len(answer.lines) - len(rows))


def pivoted(answer: Answer, window: Window) -> Table:
    """The lines set out in two directions: a row for each value of the first column of `pivot`, and so on."""
    down, across, value = answer.pivot or ("", "", "")
    kinds = {column.name: column for column in answer.columns}
    heads = list(dict.fromkeys(line.values[across] for line in answer.lines))
    rows: dict[Any, dict[Any, Line]] = {}
    for line in answer.lines:
        rows.setdefault(line.values[down], {})[line.values[across]] = line
    columns = [kinds[down], *(Column(str(head), said(head, kinds[across].kind), kinds[value].kind) for head in heads)]
    body = [
        [_cell(key, kinds[down], ""), *(_crossing(cells.get(head), kinds[value], window) for head in heads)]
        for key, cells in rows.items()
    ]
    return _summed(Table(columns, body)) if answer.sums else Table(columns, body)


def _summed(plain: Table) -> Table:
    """The same with a last column and a last row of sums."""
    last = Column("all", "all", "count")

    def total(cells: Sequence[Cell]) -> Cell:
        return _cell(sum(cell.value or 0 for cell in cells), last, "")

    rows = [[*row, total(row[1:])] for row in plain.rows]
    foot = [Cell("all", "text"), *(total(column) for column in list(zip(*rows, strict=True))[1:])]
    return Table([*plain.columns, last], rows, foot)


def said(value: Any, kind: str) -> str:
    """A value in words: `62 %`, `3 h 05`, `March 2026`; what is not known as a dash."""
    if value is None:
        return UNKNOWN
    if kind in WORDS:
        return WORDS[kind](value)
    if isinstance(value, datetime):
        return f"{value:%-d %b %Y, %H:%M}"
    return f"{value:%b %Y}" if isinstance(value, date) else str(value)


def _row(line: Line, columns: Sequence[Column], carrier: str, window: Window) -> list[Cell]:
    url = behind(line.behind, window)
    return [_cell(line.values[one.name], one, url if one.name == carrier else "") for one in columns]


def _cell(value: Any, column: Column, url: str) -> Cell:
    if column.kind == "incident" and value is not None:
        url = reverse("incidents:incident", args=[value])
    return Cell(said(value, column.kind), column.kind, value, url)


def _crossing(line: Line | None, column: Column, window: Window) -> Cell:
    if line is None:
        return Cell("", column.kind)
    return _cell(line.values[column.name], column, behind(line.behind, window))
