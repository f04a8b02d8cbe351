"""Reading past incidents from files. Pure: every row becomes a record, or a problem with its line."""
