"""What may keep the database from working, said in sentences for whoever runs the installation."""

from __future__ import annotations


class DatabaseProblem(Exception):
    """The database cannot be used; the message says why and what to do."""
