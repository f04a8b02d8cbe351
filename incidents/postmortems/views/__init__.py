"""Pages of the postmortems wing."""
