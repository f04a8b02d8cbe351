"""The tables of the postmortems wing."""

from incidents.postmortems.models.action_events import ActionEvent, ActionStep, Evidence, Held, HeldAnswer
from incidents.postmortems.models.actions import (
    Action,
    ActionKind,
    ActionState,
    NoActionReason,
    Priority,
    TicketState,
)
from incidents.postmortems.models.amendments import Amendment
from incidents.postmortems.models.comments import Comment, CommentVersion, QuietHint
from incidents.postmortems.models.examples import FailingExample, RuleCause
from incidents.postmortems.models.layers import LayerTag, RulingOut, StageLatency
from incidents.postmortems.models.postmortems import IN_STATE, Postmortem
from incidents.postmortems.models.presence import Presence
from incidents.postmortems.models.proposals import DeclinedProposal
from incidents.postmortems.models.reviews import Reviewer
from incidents.postmortems.models.sections import Section, SectionRevision
from incidents.postmortems.models.templates import PostmortemTemplate, TemplateStanding

__all__ = [
    "IN_STATE",
    "Action",
    "ActionEvent",
    "ActionKind",
    "ActionState",
    "ActionStep",
    "Amendment",
    "Comment",
    "CommentVersion",
    "DeclinedProposal",
    "Evidence",
    "FailingExample",
    "Held",
    "HeldAnswer",
    "LayerTag",
    "NoActionReason",
    "Postmortem",
    "PostmortemTemplate",
    "Presence",
    "Priority",
    "QuietHint",
    "Reviewer",
    "RuleCause",
    "RulingOut",
    "Section",
    "SectionRevision",
    "StageLatency",
    "TemplateStanding",
    "TicketState",
]
