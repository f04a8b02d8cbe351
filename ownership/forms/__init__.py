"""The forms of the ownership room: they check what was typed; the acts and the database decide."""
