"""From a signal to an incident: sources, deliveries, alerts and the digest."""
