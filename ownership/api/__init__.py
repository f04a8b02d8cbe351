"""The ownership room over /api/v1/."""
