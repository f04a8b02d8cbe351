"""How fast it is, always beside something known, in one run on one machine."""
