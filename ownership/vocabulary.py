"""The closed word lists of the ownership room."""

from __future__ import annotations

from django.db.models import TextChoices

LONGEST_MS = 86_400_000  # of a timeout or a budget: a day


class Role(TextChoices):
    """What a person may do in the whole installation; each role includes the ones before it."""

    VIEWER = "viewer", "Viewer: reads"
    RESPONDER = "responder", "Responder: works on incidents and postmortems"
    EDITOR = "editor", "Editor: also services, owners and sources"
    ADMIN = "admin", "Admin: also people"

    @property
    def short(self) -> str:
        """Without its meaning: `Editor`."""
        return str(self.label).partition(":")[0]

    @property
    def rank(self) -> int:
        """0 for viewer up to 3 for admin."""
        return list(Role).index(self)


class TokenScope(TextChoices):
    """What an API token may do, within what its person may do."""

    READ = "read", "Read"
    WRITE = "write", "Read and write"
    INGEST = "ingest", "Only send what happened (hooks and changes)"


class ComponentKind(TextChoices):
    """What sort of part it is."""

    MODEL = "model", "Model endpoint"
    PROMPT = "prompt", "Prompt"
    RETRIEVAL_INDEX = "retrieval_index", "Retrieval index"
    VECTOR_STORE = "vector_store", "Vector store"
    FEATURE_PIPELINE = "feature_pipeline", "Feature pipeline"
    DATASET = "dataset", "Dataset"
    TOOL = "tool", "Tool"
    AGENT = "agent", "Agent"
    GUARDRAIL = "guardrail", "Guardrail"
    EVAL_SUITE = "eval_suite", "Eval suite"
    GATEWAY = "gateway", "Gateway"
    API = "api", "API"
    QUEUE = "queue", "Queue"
    DATABASE = "database", "Database"
    UI = "ui", "User interface"
    VENDOR = "vendor", "External vendor"
    LIBRARY = "library", "Library"


class Lifecycle(TextChoices):
    """How far a component is in its life; a retired one carries its time instead."""

    EXPERIMENTAL = "experimental", "Experimental"
    PRODUCTION = "production", "In production"
    DEPRECATED = "deprecated", "On its way out"


class Archetype(TextChoices):
    """What sort of AI system a service is; it brings the parts and seams that such a system usually has."""

    RAG = "rag", "Answers from documents (RAG)"
    AGENT = "agent", "Agent with tools"
    SCORING = "scoring", "Scoring"
    RANKING = "ranking", "Ranking"
    OTHER = "other", "Something else"


class PartRole(TextChoices):
    """What a component is to a service."""

    ENTRY = "entry", "Entry"
    CRITICAL = "critical", "Critical"
    SUPPORTING = "supporting", "Supporting"
    FALLBACK = "fallback", "Fallback"


class DependencyKind(TextChoices):
    """How one component depends on the next."""

    CALL = "call", "Calls"
    DATA = "data", "Reads data of"
    EVENT = "event", "Listens to"
    BUILD = "build", "Is built from"


class Tier(TextChoices):
    """How much an outcome matters; the first matters most."""

    T1 = "t1", "Tier 1: users are stopped at once"
    T2 = "t2", "Tier 2: users are hindered"
    T3 = "t3", "Tier 3: inconvenient"
    T4 = "t4", "Tier 4: internal"

    @property
    def short(self) -> str:
        """Without its meaning: `Tier 1`."""
        return str(self.label).partition(":")[0]


class AssignmentRole(TextChoices):
    """What a party answers for."""

    ACCOUNTABLE = "accountable", "Accountable"
    DEPUTY = "deputy", "Deputy"
    ESCALATION = "escalation", "Escalation"
    CUSTODIAN = "custodian", "Custodian"


class HandoverState(TextChoices):
    """What became of a proposed hand-over."""

    PROPOSED = "proposed", "Proposed"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class LinkKind(TextChoices):
    """What a service's link leads to."""

    RUNBOOK = "runbook", "Runbook"
    DASHBOARD = "dashboard", "Dashboard"
    ROLLBACK = "rollback", "Roll back"
    OTHER = "other", "Other"


class ClaimFormat(TextChoices):
    """What sort of file a claim was read from."""

    BACKSTAGE = "backstage", "Backstage catalogue"
    CODEOWNERS = "codeowners", "CODEOWNERS"
    CSV = "csv", "Table"


class ClaimState(TextChoices):
    """What people made of a claim."""

    NEW = "new", "Nobody decided yet"
    ACCEPTED = "accepted", "Accepted"
    IGNORED = "ignored", "Ignored"


class NoticeKind(TextChoices):
    """What somebody is told of."""

    HANDOVER_PROPOSED = "handover_proposed", "Asked to take over"
    HANDOVER_DECIDED = "handover_decided", "Hand-over decided"
    ASSIGNED = "assigned", "Who answers was set"
    CORRECTED = "corrected", "Who answers was corrected"
    CONFIRM_DUE = "confirm_due", "Confirmation wanted"
    OWNER_LEFT = "owner_left", "An owner has left"
    GIVEN = "given", "Work was handed to you"
    SILENT = "silent", "Something fell silent"
    MENTIONED = "mentioned", "Somebody named you"
    COMMENTED = "commented", "Somebody commented"
    OPENED = "opened", "Something you answer for went wrong"
    WORSENED = "worsened", "What went wrong grew worse"
    WAITING = "waiting", "Nobody has taken it yet"
    DUE = "due", "Something is due or overdue"
