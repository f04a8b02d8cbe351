"""Bringing in a catalogue that a team already has: files become components, services, teams and claims about owners."""

from ownership.importing.deciding import NothingToAccept, accept, all_of, ignore, reconsider
from ownership.importing.meaning import AlreadyMeans, forget, mean
from ownership.importing.records import FORMATS
from ownership.importing.report import Report
from ownership.importing.running import CannotRead, ImportRunning, run, run_pieces
from ownership.importing.uploading import AlreadyImported, Expired, bring_in, check, discard, read, receive

__all__ = [
    "FORMATS",
    "AlreadyImported",
    "AlreadyMeans",
    "CannotRead",
    "Expired",
    "ImportRunning",
    "NothingToAccept",
    "Report",
    "accept",
    "all_of",
    "bring_in",
    "check",
    "discard",
    "forget",
    "ignore",
    "mean",
    "read",
    "receive",
    "reconsider",
    "run",
    "run_pieces",
]
