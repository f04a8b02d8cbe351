"""The closed word lists of postmortems."""

from __future__ import annotations

from django.db.models import TextChoices


class BlockKind(TextChoices):
    """What stands at one place of a postmortem's page; a template orders them."""

    NARRATIVE = "narrative", "Text"
    IMPACT = "impact", "Impact"
    TIMES = "times", "Times"
    TIMELINE = "timeline", "Timeline"
    PEOPLE = "people", "People and hand-offs"
    CHANGES = "changes", "Changes before it"
    LATENCY = "latency", "Latency by stage"
    FINDINGS = "findings", "Findings"
    QUESTIONS = "questions", "Questions of the layers"
    RULED_OUT = "ruled_out", "What was ruled out"
    EXAMPLES = "examples", "Failing examples"
    ACTIONS = "actions", "Actions"


# What a block shows, for whoever puts a template together.
SHOWS: dict[str, str] = {
    BlockKind.NARRATIVE: "A heading, a prompt and room to write.",
    BlockKind.IMPACT: "How far the incident went, and what of that nobody knows.",
    BlockKind.TIMES: "When it began, was noticed and resolved, how long each took, drawn to scale.",
    BlockKind.TIMELINE: "The incident's timeline from its beginning.",
    BlockKind.PEOPLE: "Who answered then and now, who took part, who had the ball how long.",
    BlockKind.CHANGES: "The suspected changes, and what else changed near it.",
    BlockKind.LATENCY: "Per stage the budget beside what was observed.",
    BlockKind.FINDINGS: "Layer, mode, place, role and evidence of what failed.",
    BlockKind.QUESTIONS: "What the layers tagged or found ask, each with room for an answer.",
    BlockKind.RULED_OUT: "A line for each layer that did not fail, where the model is blamed.",
    BlockKind.EXAMPLES: "Inputs that failed, redacted, for eval suites and guardrail tests.",
    BlockKind.ACTIONS: "What will be done, by whom, until when.",
}
# Also where a template does not name them; what has nothing to say draws nothing.
ALWAYS = (BlockKind.FINDINGS, BlockKind.RULED_OUT, BlockKind.QUESTIONS, BlockKind.LATENCY, BlockKind.ACTIONS)


class Suits(TextChoices):
    """What sort of incident a template is made for; it is suggested where one is, in this order."""

    ANY = "", "Any incident"
    NEAR_MISS = "near_miss", "Near misses"
    GUARDRAIL = "guardrail", "Bypasses, over-blocks and workarounds"
    VENDOR = "vendor", "What a vendor's part did"
    DATA = "data", "Trouble with data"
    MILD = "mild", "Mild ones (SEV4)"


class Prefill(TextChoices):
    """What the incident brings as the first words of a section."""

    NOTHING = "", "Nothing"
    SUMMARY = "summary", "What it was, and from when until when"
    IMPACT = "impact", "What users saw"
    NOTICED = "noticed", "When and by what it was noticed"
    LEAD_UP = "lead_up", "The changes before it, and who answered then"
    HAPPENED = "happened", "The timeline, as a list"
    OWNERSHIP = "ownership", "Who answered then, and who answers now"


class SectionKind(TextChoices):
    """What a section's text is: every text of a postmortem is one, so that all are saved and kept alike."""

    NARRATIVE = "narrative", "Text"
    ANSWER = "answer", "Answer to a layer's question"
    RULED_OUT = "ruled_out", "Why a layer is ruled out"


class Stance(TextChoices):
    """What is said of a layer that nothing rules out."""

    NOT_ESTABLISHED = "not_established", "Not established"


class GuardrailKind(TextChoices):
    """What an example shows of a guardrail."""

    BYPASS = "bypass", "Bypass"
    OVER_BLOCK = "over_block", "Over-block"
    WORKAROUND = "workaround", "Workaround"


class InputFormat(TextChoices):
    """How an example's input is to be read."""

    TEXT = "text", "Text"
    JSON = "json", "JSON"


class Answer(TextChoices):
    """What a reviewer says of a postmortem."""

    APPROVED = "approved", "Approved"
    CHANGES = "changes", "Wants changes"


SECTION_ANCHOR = "section-"  # before a section's key: the id of a section on its page
COMMENTED_KINDS = frozenset(BlockKind.values) - {BlockKind.NARRATIVE}  # places without a text of their own


def anchor_of(kind: str, key: str = "") -> str:
    """The id that a place of the page has, by its section's key or by its kind."""
    return f"{SECTION_ANCHOR}{key}" if key else kind


def is_external(key: str) -> bool:
    """Whether a section's text, by its key, is meant for readers outside."""
    return key == "message" or key.startswith("external")
