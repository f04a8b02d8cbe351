"""Bringing in a catalogue that a team already has: files become components, services, teams and claims about owners."""
