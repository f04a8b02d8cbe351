"""Reads of the alerts wing."""
