"""Reads of the postmortems wing."""
