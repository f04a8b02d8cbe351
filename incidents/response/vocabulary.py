"""The closed word lists of incidents and findings."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices


class Layer(TextChoices):
    """Where a failure sat; `model` is a value like the others, so that blaming it can be tested."""

    DATA = "data", "Data"
    INTEGRATION = "integration", "Integration"
    LATENCY = "latency", "Latency"
    EVALUATION = "evaluation", "Evaluation"
    GUARDRAIL = "guardrail", "Guardrail"
    ORG = "org", "Org"
    MODEL = "model", "Model"


BLAME_NOT_KNOWN = "unknown"  # an answer to "what do you suspect first?", and not the same as none
BLAMES = [(BLAME_NOT_KNOWN, "Not known yet"), *Layer.choices]


class IncidentType(TextChoices):
    """What kind of trouble users are in, or were nearly."""

    AVAILABILITY = "availability", "Availability"
    LATENCY = "latency", "Latency"
    QUALITY = "quality", "Quality"
    SAFETY = "safety", "Safety"
    OVER_BLOCKING = "over_blocking", "Over-blocking"
    NEAR_MISS = "near_miss", "Near miss"


class State(TextChoices):
    """How far an incident has come; follows from its times."""

    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    MITIGATED = "mitigated", "Mitigated"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    MERGED = "merged", "Merged"


class Severity(TextChoices):
    """How bad it is; sorts worst first by value, pending last."""

    SEV1 = "sev1", "SEV1"
    SEV2 = "sev2", "SEV2"
    SEV3 = "sev3", "SEV3"
    SEV4 = "sev4", "SEV4"
    PENDING = "pending", "Pending"

    @property
    def rank(self) -> int:
        """1 is worst; pending, being unknown, is 5."""
        return _RANKS[self]


_RANKS = {severity: place for place, severity in enumerate(Severity, 1)}
# Pending could turn out to be anything, so it stands above what is known to be mild.
BOARD_ORDER = (Severity.SEV1, Severity.SEV2, Severity.PENDING, Severity.SEV3, Severity.SEV4)


class Precision(TextChoices):
    """How exactly the start of the impact is known; it is never inferred."""

    EXACT = "exact", "Exact"
    MINUTE = "minute", "To the minute"
    HOUR = "hour", "To the hour"
    DAY = "day", "To the day"
    BETWEEN = "between", "Between two times"
    UNKNOWN = "unknown", "Unknown"


class Anchor(TextChoices):
    """The named times between which durations are told."""

    IMPACT = "impact", "Impact start"
    DETECTED = "detected", "Noticed"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    IDENTIFIED = "identified", "Cause known"
    MITIGATED = "mitigated", "Mitigated"
    RESOLVED = "resolved", "Resolved"


class Green(TextChoices):
    """Whether the monitors were green while users saw it."""

    YES = "yes", "Yes, green"
    NO = "no", "No, they showed it"
    UNKNOWN = "unknown", "Not known"


class DetectedBy(TextChoices):
    """Who or what noticed first."""

    MONITOR = "monitor", "Monitor"
    ONLINE_EVAL = "online_eval", "Online eval"
    USER_REPORT = "user_report", "User report"
    INTERNAL_USER = "internal_user", "Internal user"
    VENDOR = "vendor", "Vendor"
    AUDIT = "audit", "Audit"


class DeclaredVia(TextChoices):
    """What opened the incident."""

    ALERT = "alert", "An alert"
    HAND = "hand", "By hand"
    API = "api", "The API"
    FILE = "file", "A file of past incidents"


class ResolvedHow(TextChoices):
    """What resolved the incident."""

    PERSON = "person", "A person"
    ALERTS = "alerts", "Its alerts"


class FindingRole(TextChoices):
    """What a finding did in the story."""

    TRIGGER = "trigger", "Trigger"
    CAUSE = "cause", "Cause"
    CONTRIBUTING = "contributing", "Contributing"
    AMPLIFIER = "amplifier", "Amplifier"
    DETECTION_GAP = "detection_gap", "Detection gap"
    CONTAINMENT_GAP = "containment_gap", "Containment gap"
    RECOVERY_GAP = "recovery_gap", "Recovery gap"


class Confidence(TextChoices):
    """How sure the finding is."""

    CONFIRMED = "confirmed", "Confirmed"
    PROBABLE = "probable", "Probable"
    POSSIBLE = "possible", "Possible"


class FindingState(TextChoices):
    """Provisional findings come from resolving; reviewed ones from a postmortem."""

    PROVISIONAL = "provisional", "Provisional"
    REVIEWED = "reviewed", "Reviewed"


ROLE_HELP: dict[str, str] = {
    FindingRole.TRIGGER: "Set it off: the change, the request or the moment that started it.",
    FindingRole.CAUSE: "Why it could fail at all; without it the trigger would have done nothing.",
    FindingRole.CONTRIBUTING: "Made it more likely or worse, and was not enough by itself.",
    FindingRole.AMPLIFIER: "Spread it or kept it going: retries, caches, feedback.",
    FindingRole.DETECTION_GAP: "Kept it from being noticed sooner.",
    FindingRole.CONTAINMENT_GAP: "Let it reach users, or further than it had to.",
    FindingRole.RECOVERY_GAP: "Made it take longer to end.",
}
CONFIDENCE_HELP: dict[str, str] = {
    Confidence.CONFIRMED: "Reproduced, or the evidence leaves no other reading.",
    Confidence.PROBABLE: "The evidence fits, and nothing speaks against it.",
    Confidence.POSSIBLE: "It could be; something else would explain it as well.",
}


class Verdict(TextChoices):
    """What became of a layer that a rule suggested."""

    ACCEPTED = "accepted", "Accepted"
    CORRECTED = "corrected", "Corrected"


class ModeDeed(TextChoices):
    """What was done to a mode of the organisation's own."""

    ADDED = "added", "Added"
    EDITED = "edited", "Edited"
    RETIRED = "retired", "Retired"
    BROUGHT_BACK = "brought_back", "Brought back"
    MERGED = "merged", "Merged"
    SEPARATED = "separated", "Separated again"


class TimelineKind(TextChoices):
    """What a timeline row tells."""

    DECLARED = "declared", "Declared"
    IMPACT = "impact", "Impact"
    ALERT_FIRING = "alert_firing", "Alert firing"
    ALERT_RESOLVED = "alert_resolved", "Alert resolved"
    FLAPPING = "flapping", "Flapping"
    ALERT_MOVED = "alert_moved", "Alert moved"
    STILL_FIRING = "still_firing", "Still firing"
    ROUTED = "routed", "Routed"
    FIRST_BLAME = "first_blame", "First blame"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    NOTE = "note", "Note"
    FACT = "fact", "Fact"
    TAKEN_BACK = "taken_back", "Taken back"
    SEVERITY = "severity", "Severity"
    SERVICE = "service", "Service"
    FINDING = "finding", "Finding"
    MITIGATED = "mitigated", "Mitigated"
    RESOLVED = "resolved", "Resolved"
    REOPENED = "reopened", "Reopened"
    CLOSED = "closed", "Closed"
    TYPE = "type", "Type"
    TIMES = "times", "Times"
    FACTS = "facts", "Impact facts"
    HANDED_OFF = "handed_off", "Handed off"
    POSTMORTEM = "postmortem", "Postmortem"
    PEOPLE = "people", "People"
    PRIVACY = "privacy", "Privacy"
    MERGED = "merged", "Merged"
    SPLIT = "split", "Split"
    LINKED = "linked", "Linked"
    QUOTED = "quoted", "Quoted"
    ESCALATED = "escalated", "Escalated"
    IMPORTED = "imported", "Imported"


class EscalationReason(TextChoices):
    """What began a round of the ladder."""

    OPENED = "opened", "Opened"
    WORSENED = "worsened", "Grew worse"
    REOPENED = "reopened", "Open again"
    ROUTED = "routed", "Service named"


class EscalationEnd(TextChoices):
    """Why nobody further is told in a round."""

    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    MITIGATED = "mitigated", "Mitigated"
    RESOLVED = "resolved", "Resolved"
    MERGED = "merged", "Merged into another one"
    SUPERSEDED = "superseded", "A newer round began"
    SWITCHED_OFF = "switched_off", "Escalation is switched off"
    EXHAUSTED = "exhausted", "Everybody was told"


class Rung(IntegerChoices):
    """Who is told one after the other; the admins only when nobody stands on any of the others."""

    ACCOUNTABLE = 1, "Accountable"
    DEPUTY = 2, "Deputy"
    ESCALATION = 3, "Escalation"
    ADMINS = 4, "Admins"


# Rows that alerts wrote by themselves; `timeline_besides_alerts` is an index over all others, so a kind that joins here
# needs a migration of that index.
TOLD_BY_ALERTS = (
    TimelineKind.ALERT_FIRING,
    TimelineKind.ALERT_RESOLVED,
    TimelineKind.FLAPPING,
    TimelineKind.ALERT_MOVED,
    TimelineKind.STILL_FIRING,
    TimelineKind.ROUTED,
)
# What people wrote, and may write again: an edit is a new row.
WRITTEN = (TimelineKind.NOTE, TimelineKind.FACT)


class IncidentRole(TextChoices):
    """What somebody does in an incident; of all but participants there is one at a time."""

    LEAD = "lead", "Lead"
    COMMUNICATIONS = "communications", "Communications"
    SCRIBE = "scribe", "Scribe"
    PARTICIPANT = "participant", "Participant"


class MergeReason(TextChoices):
    """Why two incidents became one."""

    SAME = "same", "They are one problem"
    DUPLICATE = "duplicate", "It was recorded twice"


class LinkKind(TextChoices):
    """What one incident has to do with another; read from the first to the second."""

    RELATES_TO = "relates_to", "Relates to"
    CAUSED_BY = "caused_by", "Caused by"
    DUPLICATE_OF = "duplicate_of", "Duplicate of"
    SPLIT_FROM = "split_from", "Split from"

    @property
    def back(self) -> str:
        """The same in words, read from the second to the first."""
        return _BACK[self]


_BACK = {
    LinkKind.RELATES_TO: "Relates to",
    LinkKind.CAUSED_BY: "Caused",
    LinkKind.DUPLICATE_OF: "Has the duplicate",
    LinkKind.SPLIT_FROM: "Had split off",
}
