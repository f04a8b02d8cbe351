"""The house looks at itself: sizes, markup, doors, database, rooms."""
