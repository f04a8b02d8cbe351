"""Pure arithmetic over seams: walks, latency budgets, timeouts and tries. Knows no database and no Django."""
