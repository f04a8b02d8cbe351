"""Which rule fits an alert: pure, and the same code for the digest and for every dry run."""
