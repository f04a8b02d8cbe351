"""Postmortems and actions over /api/v1/; a postmortem goes by its incident's number, a finding by its line."""
