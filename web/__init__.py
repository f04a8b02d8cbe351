"""Plumbing that every room needs; it knows no domain noun."""
