"""Pages of the response wing."""
