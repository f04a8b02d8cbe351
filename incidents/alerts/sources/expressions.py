"""JMESPath expressions with an allowance, so that none can run long or grow large: counted in steps, not by a clock."""

from __future__ import annotations

from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

LENGTH = 500
STEPS = 1_000_000  # visits of an expression's nodes for one request: about a second
CHEAP = 8  # elements or characters that a function handles in the time of one step
SIZE = 100_000  # elements or characters of anything in between


class Invalid(ValueError):
    """It is no expression; the message says what is wrong with it."""


class Failed(ValueError):
    """It could not be asked of this document; the message says why."""


class Work:
    """What is left of one request's allowance."""

    def __init__(self, steps: int = STEPS) -> None:
        self.steps = self.left = steps


class Expression:
    """One compiled expression."""

    def __init__(self, written: str) -> None:
        if len(written) > LENGTH:
            raise Invalid(f"the expression is longer than {LENGTH} characters; shorten it.")
        self.written = written
        try:
            self._parsed = jmespath.compile(written)
        except (JMESPathError, ValueError, RecursionError) as error:
            reason = " ".join(str(error).split()) or "it is nested too deeply"
            raise Invalid(f"“{written}” is not a JMESPath expression: {reason}") from None

    def __str__(self) -> str:
        return self.written

    def of(self, document: Any, work: Work) -> Any:
        """What it finds in the document, None for nothing; Failed where it does not fit, or takes too much work."""
        try:
            return _Counting(work).visit(self._parsed.parsed, document)
        except Failed:
            raise
        except JMESPathError as error:
            raise Failed(" ".join(str(error).split())) from None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            raise Failed("it does not fit what was sent") from None
        except RecursionError:
            raise Failed("it is nested too deeply") from None


class _Counting(TreeInterpreter):  # type: ignore[misc]  # the library ships no types
    """Counts each visit, and looks at the size of what it gives."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        """One step."""
        self._work.left -= 1
        if self._work.left < 0:
            raise Failed(f"the mapping takes more than {self._work.steps} steps for one request; make it simpler")
        found = super().visit(node, *args, **kwargs)
        if isinstance(found, (list, str)) and len(found) > SIZE:
            raise Failed(f"the expression makes more than {SIZE} elements or characters; make it simpler")
        return found

    def visit_function_expression(self, node: Any, value: Any) -> Any:
        """A function may walk all that it is given, so it costs by size."""
        found = super().visit_function_expression(node, value)
        if isinstance(found, (list, str, dict)):
            self._work.left -= len(found) // CHEAP
        return found
