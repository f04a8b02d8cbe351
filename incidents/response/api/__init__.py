"""The response wing over /api/v1/; every write calls the act that the page calls."""
