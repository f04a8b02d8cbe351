"""Bringing in a catalogue that a team already has: files become components, services, teams and claims about owners."""

from ownership.importing.deciding import NothingToAccept, accept, ignore
from ownership.importing.records import FORMATS
from ownership.importing.running import CannotRead, run

__all__ = ["FORMATS", "CannotRead", "NothingToAccept", "accept", "ignore", "run"]
