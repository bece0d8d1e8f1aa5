"""Credit lots: what they are, where they came from, in which order they pay."""
