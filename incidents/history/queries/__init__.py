"""Reads of imported history."""
