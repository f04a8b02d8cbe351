"""Commands of the ownership room."""
