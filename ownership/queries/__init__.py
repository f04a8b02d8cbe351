"""Reads of the ownership room."""
