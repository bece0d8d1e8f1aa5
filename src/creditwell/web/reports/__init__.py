"""Reports: what we owe our patients, and who is in credit."""
