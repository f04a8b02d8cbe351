"""Forms of the postmortems wing; they check shape, the acts and the database decide."""
