"""The PostgreSQL that Seamline brings along: where it lives, how it is made, started and stopped."""
