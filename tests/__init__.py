"""The tests; see docs for what each folder proves."""
