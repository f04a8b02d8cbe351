"""Forms of the response wing; they check shape, the acts and the database decide."""
