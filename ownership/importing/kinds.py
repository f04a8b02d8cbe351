"""What the kinds of a Backstage catalogue become here; docs/catalogue-import.md shows the same table."""

from __future__ import annotations

from typing import Literal

Becomes = Literal["service", "component", "team", "nothing"]

KNOWN = frozenset({"api", "airesource", "component", "domain", "group", "location", "resource", "system", "user"})
NOT_PARTS = frozenset({"template"})
GROUPS = ("backstage.io/",)

_BECOMES: dict[str, Becomes] = {
    "system": "service",
    "component": "component",
    "api": "component",
    "resource": "component",
    "airesource": "component",
    "group": "team",
}
# Our kind by Backstage's kind and type. A type that is itself one of our kinds (`vector-store`) is taken at its word.
_BY_TYPE = {
    ("component", "website"): "ui",
    ("component", "library"): "library",
    ("component", "backstage-plugin"): "library",
    ("component", "model-server"): "model",
    ("component", "tool"): "tool",
    ("api", "mcp-server"): "tool",
    ("api", "ai-model-server"): "model",
    ("resource", "ai-model"): "model",
    ("resource", "message-broker"): "queue",
    ("resource", "topic"): "queue",
    ("resource", "infrastructure"): "vendor",
    ("airesource", "rule"): "guardrail",
    ("airesource", "marketplace"): "library",
}
_BY_KIND = {"component": "api", "api": "api", "resource": "database", "airesource": "tool"}
OURS = frozenset(
    {
        *("model", "prompt", "retrieval_index", "vector_store", "feature_pipeline", "dataset", "tool", "agent"),
        *("guardrail", "eval_suite", "gateway", "api", "queue", "database", "ui", "vendor", "library"),
    }
)


def becomes(kind: str) -> Becomes:
    """What an entity of this kind (any case) is made into."""
    return _BECOMES.get(kind.casefold(), "nothing")


def component_kind(kind: str, type: str) -> str:  # noqa: A002 -- the catalogue's own word
    """Our component kind for a catalogue's kind and type; what says nothing gets its kind's usual one."""
    kind, said = kind.casefold(), type.casefold()
    ours = said.replace("-", "_").replace(" ", "_")
    return _BY_TYPE.get((kind, said)) or (ours if ours in OURS else _BY_KIND.get(kind, "api"))
