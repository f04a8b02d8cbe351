"""The column `words` in queries. It is no field of a model, so that no list reads what only the search looks at."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Expression, F, Func, TextField
from django.db.models.sql.compiler import SQLCompiler

# What no text can contain once `seamline_plain` has been over it.
BEGIN, END = "\x1e", "\x1f"
BETWEEN = " … "
_MARKS = f'StartSel="{BEGIN}", StopSel="{END}"'
WHOLE = f"HighlightAll=true, {_MARKS}"
PARTS = f'MaxFragments=2, MaxWords=26, MinWords=12, ShortWord=0, FragmentDelimiter="{BETWEEN}", {_MARKS}'


class Holds(Func):
    """True where the words of a row hold what was asked for: `Holds("pk", asked.expression)`."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, row: str | F | Expression, expression: str, **extra: Any) -> None:
        super().__init__(F(row) if isinstance(row, str) else row, **extra)
        self.expression = expression

    def as_sql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # the base's keywords are of no use here
        """`"the table"."words" @@ 'asked'::tsquery`."""
        (column,) = self.get_source_expressions()
        table = compiler.quote_name_unless_alias(column.alias)
        return f'{table}."words" @@ %s::tsquery', [self.expression]


class Headline(Func):
    """A text with what was found between BEGIN and END: all of it (WHOLE), or the PARTS that show it best.

    It is looked through word by word, as `english` reads it, or, where only the beginning of a word was found, as
    `simple` does; so it is for the rows of one page, never for a condition.
    """

    output_field = TextField()
    template = (
        "(SELECT ts_headline(CASE WHEN to_tsvector('english', plain) @@ asked THEN 'english' ELSE 'simple' END"
        "::regconfig, plain, asked, %%s) FROM (SELECT seamline_plain(%(expressions)s) AS plain, %%s::tsquery AS asked)"
        " AS told)"
    )

    def __init__(self, text: str | F | Expression, expression: str, options: str, **extra: Any) -> None:
        super().__init__(F(text) if isinstance(text, str) else text, **extra)
        self.expression, self.options = expression, options

    def as_sql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # as above
        """A scalar subquery, so that the text is read once."""
        (text,) = self.get_source_expressions()
        inner, params = compiler.compile(text)
        sql = self.template.replace("%(expressions)s", inner).replace("%%s", "%s")
        return sql, [self.options, *params, self.expression]
