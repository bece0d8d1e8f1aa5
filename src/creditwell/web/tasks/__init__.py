"""To do: what somebody of the staff still has to look at."""
