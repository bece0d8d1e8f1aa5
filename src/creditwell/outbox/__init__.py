"""What must be told outside: an event and a job, in the transaction that caused them."""
