"""An incident from open to resolved: the record, its timeline and findings, the board."""
