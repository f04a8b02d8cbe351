"""Reads of the response wing."""
