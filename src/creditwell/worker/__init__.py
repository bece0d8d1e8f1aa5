"""The jobs door: load, one call."""
