"""Practices, locations, staff, roles, API keys, and the practice key every row carries."""
