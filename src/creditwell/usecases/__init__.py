"""One file per thing a person does; each owns its transaction."""
