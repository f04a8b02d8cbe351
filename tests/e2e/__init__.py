"""Whole processes and a real browser: `manage.py up`, a real Alertmanager, headless Chromium."""
