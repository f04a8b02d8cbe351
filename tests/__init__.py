"""Tests mirror the rooms; tests/e2e drives a real browser, tests/long starts and kills the whole stack."""
