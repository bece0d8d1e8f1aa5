"""Who did what to what: a note beside every write."""
