"""One adapter a file: pure functions from a request's bytes to readings. No database, no clock, no Django."""
