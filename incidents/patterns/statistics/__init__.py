"""What the counts say, and whether they say it. Pure: no Django, so that every number can be tested by hand."""
