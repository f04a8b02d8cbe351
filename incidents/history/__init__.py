"""What happened before Seamline: past incidents brought in from files, and their layers tagged."""
