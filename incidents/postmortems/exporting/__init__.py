"""A postmortem as a document of its own: JSON with a stable schema, and Markdown written from the same."""
