"""Version 1: one file for each kind of thing, with its shapes and its routes."""
