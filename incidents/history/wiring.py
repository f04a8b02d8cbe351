"""What the history wing hangs into the house."""

from __future__ import annotations

from web import errors

_MEANWHILE = errors.Rule(
    "import_running", "Somebody imported the same row meanwhile; look again what would come of the file."
)
RULES = {"history_row_once": _MEANWHILE, "incidents_historyrow_incident_id_key": _MEANWHILE}


def connect() -> None:
    """Register rules; called once, when Django is ready."""
    errors.register(RULES)
