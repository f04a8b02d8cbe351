"""The eight rules as data: what they look for, where, and what they say.

Expressions are RE2's, so that a text costs time linear in its length. Their `\\b` knows ASCII alone; `looking` checks
both ends of a match against all letters. `_` stands for what separates two words of a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from incidents.postmortems.wording import words


class Kind(StrEnum):
    """What a text is; each rule says which kinds it reads."""

    SECTION = "section"
    EXTERNAL = "external"  # leaves the house: for customers, a status page
    EVIDENCE = "evidence"
    COMMENT = "comment"
    PROMPT = "prompt"  # a template's words above a section
    QUESTION = "question"
    ACTION = "action"  # an action's title
    QUOTE = "quote"  # somebody's own words, such as a row of the timeline: no rule reads them


TOLD = frozenset({Kind.SECTION, Kind.EXTERNAL, Kind.EVIDENCE, Kind.COMMENT})
ASKED = frozenset({Kind.PROMPT, Kind.QUESTION, Kind.COMMENT})


@dataclass(frozen=True)
class Phrase:
    """Words that a rule looks for, unless what stands right before or behind them makes them mean something else.

    `with_next` quotes the following word too. `named`: the group `who` must be a person's name, by `looking`.
    """

    expression: str
    unless_before: str = ""
    unless_after: str = ""
    with_next: bool = False
    named: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule: `says` goes on after the quoted words, `suggests` says what to write instead.

    `examples` are pairs: as it was written, and better.
    """

    code: str
    title: str
    says: str
    suggests: str
    reason: str
    examples: tuple[tuple[str, str], ...]
    kinds: frozenset[Kind]
    phrases: tuple[Phrase, ...]


_NOT = r"(?i)(?:\b(?:not|never|hardly|neither|nor|nothing|less)|n't)(?:_(?:so|that|very|immediately|yet|an?|the))?_$"
_FORGOT = r"(?:ha[ds]_)?(?:forgot(?:ten)?|neglected)"
_FAILED = rf"(?:{_FORGOT}|(?:ha[ds]_)?(?:failed_to|broken?|missed))"
_NAME = r"(?P<who>\p{Lu}[\pL'.-]*(?:_\p{Lu}[\pL'.-]*)?)"
_ADVERB = r"(?:_(?:\pL+ly|also|again|then|never|just))?"
_IDIOMS = r"(?i)^_(?:even|down|off|out|new_ground)\b"
_DETERMINED = rf"(?i)^_(?:(?:{words.DETERMINERS})\b|[\d\x{{fffc}}$€£~≥≤])"

RULES = (
    Rule(
        code="counterfactual",
        title="Looking back with later knowledge",
        says="looks back with knowledge that nobody had.",
        suggests="What was known then?",
        reason=(
            "A sentence about what did not happen explains nothing that did. It ends the search at the moment when "
            "somebody could have acted otherwise, just before it becomes useful: what they saw, and why what they did "
            "made sense."
        ),
        examples=(
            (
                "We should have tested the fallback.",
                "The fallback had no test; nobody had asked for one, because it had never been used.",
            ),
            ("If only the alert had fired.", "The alert looks at 5xx answers; these were answered with 200."),
        ),
        kinds=TOLD,
        phrases=(
            Phrase(
                rf"(?i)\bshould(?:_(?:have)|'ve|n't_have|_(?:{words.ADVERBS})_have)\b",
                unless_after=_DETERMINED,  # every answer should have a source
                with_next=True,
            ),
            Phrase(
                rf"(?i)\b(?:could|would)(?:_(?:have)|'ve|n't_have|_(?:{words.ADVERBS})_have)\b",
                unless_after=rf"{_DETERMINED}|(?i)^_(?:{words.HARMS})\b",  # we could have lost data: a risk
                with_next=True,
            ),
            Phrase(r"(?i)\bought_to_have\b", unless_after=_DETERMINED, with_next=True),
            Phrase(r"(?i)\bif_only\b", unless_after=rf"(?i)^_(?:(?:{words.NUMBERS})\b|\d)", with_next=True),
            Phrase(r"(?i)\bdid(?:n't|_not)_even\b", with_next=True),
        ),
    ),
    Rule(
        code="person_as_cause",
        title="A person as the cause",
        says="makes a person the cause.",
        suggests="Name the role, and the condition that made it likely.",
        reason=(
            "What somebody did is where a review begins, never where it ends. The same slip will be made by the next "
            "person in the same place; what can be changed is the place."
        ),
        examples=(
            ("Human error took the index down.", "The command takes the live index when no name is given."),
            ("Maya forgot to raise the timeout.", "The timeout lives in two files; only one is named in the runbook."),
        ),
        kinds=TOLD | ASKED | {Kind.ACTION},
        phrases=(
            Phrase(r"(?i)\b(?:human|operator|pilot)_errors?\b", unless_after=rf"(?i)^[_-](?:{words.OF_ERRORS})\b"),
            Phrase(r"(?i)\buser_error\b", unless_after=rf"(?i)^[_-](?:{words.OF_ERRORS})\b"),
            Phrase(rf"{_NAME}{_ADVERB}_{_FORGOT}\b", with_next=True, named=True),
            Phrase(rf"{_NAME}{_ADVERB}_{_FAILED}\b", unless_after=_IDIOMS, with_next=True, named=True),
            Phrase(
                rf"(?i)\b(?:(?:the|our|an?|one|another)_)?(?:(?:{words.SENIORITY})[_-])*(?:{words.ROLES}){_ADVERB}_"
                rf"{_FAILED}\b",
                unless_after=_IDIOMS,
                with_next=True,
            ),
            Phrase(rf"(?i)\b(?:(?:the|our|an?)_)?operator{_ADVERB}_(?:{_FORGOT}|missed)\b", with_next=True),
        ),
    ),
    Rule(
        code="judgement",
        title="Judging words",
        says="judges, and describes nothing.",
        suggests="Leave it out; the sentence says the same.",
        reason=(
            "“Obvious” and “simply” are true only for who knows how it ended. Who was there reads that they were "
            "careless, and tells less the next time."
        ),
        examples=(
            ("It was obviously a bad prompt.", "The prompt named two formats."),
            ("They just had to restart it.", "A restart brought it back; the runbook has it as step 7."),
        ),
        kinds=TOLD | ASKED | {Kind.ACTION},
        phrases=(
            Phrase(r"(?i)\b(?:careless(?:ly|ness)?|slopp(?:y|ily|iness)|negligen(?:t|tly|ce)|stupid(?:ly|ity)?)\b"),
            Phrase(r"(?i)\bincompeten(?:t|tly|ce)\b"),
            Phrase(r"(?i)\blaz(?:y|ily|iness)\b", unless_after=rf"(?i)^[_-](?:{words.DONE_LAZILY})"),
            Phrase(r"(?i)\b(?:obvious(?:ly)?|trivial(?:ly)?)\b", unless_before=rf"{_NOT}|(?i)\bnon-$"),
            Phrase(r"(?i)\bsimply\b", unless_before=_NOT, unless_after=r"(?i)^_(?:connected|supported|typed)\b"),
            Phrase(
                rf"(?i)\bjust_(?:{words.DEEDS})\b",
                unless_before=rf"(?i)(?:\b(?:{words.BEFORE_JUST})|'(?:d|s|ve|re|m))_$",  # had just deployed: a time
            ),
        ),
    ),
    Rule(
        code="why_who_question",
        title="Questions that ask for somebody",
        says="asks for somebody to blame.",
        suggests="Ask “how did …” or “what led to …”.",
        reason=(
            "“Why did you” is answered with a defence, and “who” with a name. “How” and “what” are answered with what "
            "happened."
        ),
        examples=(
            ("Why did you deploy on a Friday?", "What led to the deploy on Friday?"),
            ("Who approved the change?", "How is such a change approved, and what did the approval look at?"),
        ),
        kinds=ASKED,
        phrases=(
            Phrase(
                rf"(?im)^[\s>*#\d.)-]*(?P<say>why_(?:{words.AUXILIARIES})_"
                rf"(?:you|he|she|they|(?:the|our)_(?:{words.ROLES})))\b"
            ),
            Phrase(
                r"(?im)^[\s>*#\d.)-]*(?P<say>who_(?:\pL+ed|broke|forgot|wrote|made|chose|let))\b",
                unless_before=r"(?i)who_(?:noticed|detected|needed|benefited|suffered)$",
            ),
        ),
    ),
    Rule(
        code="single_cause",
        title="One cause",
        says="speaks of one cause.",
        suggests="Name the contributing factors; findings have a place for each.",
        reason=(
            "Failures of systems need several conditions at once. Who looks for the root cause stops at the first, and "
            "the others wait for the next incident."
        ),
        examples=(
            ("The root cause was the retry loop.", "Two retry loops, no shared budget and a slow provider together."),
            ("A timeout was the only cause.", "A timeout began it; that nobody saw it made it an incident."),
        ),
        kinds=TOLD | ASKED,
        phrases=(
            Phrase(
                r"(?i)\b(?:(?:the|its|our|a)_)?(?:(?:single|one|true|real|actual|main)_)?root_cause"
                r"(?:_(?:of|for|here|behind)(?:_[\pL\pN'-]+){0,6}?)?_(?:was|is)\b"
            ),
            Phrase(r"(?i)\broot_cause[*]*[ \t]*:"),
            Phrase(r"(?i)\bthe_(?:only|sole)_cause\b", unless_before=_NOT),
        ),
    ),
    Rule(
        code="vague_action",
        title="Actions that are never done",
        says="does not say when it is done.",
        suggests="Say what changes, where, and how one sees that it is done.",
        reason=(
            "Nobody can finish “improve” or verify “be more careful”. An action that says what will be there "
            "afterwards is done, or is visibly not."
        ),
        examples=(
            ("Investigate monitoring", "Add an alert for answers without a source, over 1 % in 10 minutes"),
            ("Make sure the engineer checks the schema", "Let the build fail when the schema and the parser differ"),
            ("Fix the issue", "Answer an invalid postal code with 422 instead of the nearest one"),
        ),
        kinds=frozenset({Kind.ACTION}),
        phrases=(
            Phrase(
                rf"(?i)^[\s*\d.)-]*(?:(?:{words.ASKING})_)?(?P<say>investigate|look_into|improve|be_(?:more_)?careful|"
                r"make_sure|ensure|think_about)\b"
            ),
            Phrase(
                rf"(?i)^[\s*\d.)-]*(?:(?:{words.ASKING})_)?(?P<say>monitor|try)\b",
                unless_after=r"^(?:[ \t]*:|[-/]\pL)",  # Monitor: p99; try/except around it
            ),
            Phrase(r"(?i)^[\s*\d.)-]*(?P<say>fix_(?:the|this)_(?:issue|problem|bug|error))[\s.]*$"),
        ),
    ),
    Rule(
        code="model_as_scapegoat",
        title="“It was the model”",
        says="blames the model without showing it.",
        suggests="Which input, prompt version, retrieved documents, tool result, decoding settings or eval result?",
        reason=(
            "A model answers what it was given. Until the input, the prompt version and what was retrieved are shown, "
            "“the model” hides the layer that failed. A finding on the model, with evidence, silences this rule."
        ),
        examples=(
            ("The model hallucinated a price.", "Retrieval returned no price list; prompt v12 has no word for that."),
            (
                "The AI decided to refund.",
                "The refund tool takes any amount; the agent passed on the customer’s number.",
            ),
        ),
        kinds=TOLD,
        phrases=(
            Phrase(
                rf"(?i)\b(?:the|our)_(?:language_model|llm|model|ai|chatbot){_ADVERB}_(?:ha[ds]_)?"
                r"(?:hallucinate[ds]|got_confused|was_confused|was_wrong|went_rogue|decided_to|lied|misbehaved|"
                r"made_(?:it|this|that|things|something)_up)\b"
            ),
        ),
    ),
    Rule(
        code="outage_word",
        title="“Outage” outside the house",
        says="tells readers outside that nothing worked.",
        suggests="Where part of it worked write “incident” or “service degradation”.",
        reason=(
            "Customers take “outage” by its word, and contracts do too. It is right where nothing worked: say “full "
            "outage” then."
        ),
        examples=(
            ("During the outage some answers were slow.", "During the incident every third answer took over 4 s."),
            ("We had a partial outage.", "Uploads were degraded from 13:02 to 14:10 UTC."),
        ),
        kinds=frozenset({Kind.EXTERNAL}),
        phrases=(Phrase(r"(?i)\boutages?\b", unless_before=r"(?i)\b(?:full|total|complete|power|no)(?:_|-)$"),),
    ),
)
BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}
