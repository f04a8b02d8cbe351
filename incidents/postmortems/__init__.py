"""From an incident to reviewed findings and actions."""
