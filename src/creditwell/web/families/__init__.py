"""Families, and who may use whose credit."""
