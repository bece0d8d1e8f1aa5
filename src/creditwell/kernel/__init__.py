"""What every floor stands on: the use-case wrapper, idempotency, numbering, refusals."""
