"""Drawings: where the boxes and lines of a layered graph go. Pure geometry, no Django."""
