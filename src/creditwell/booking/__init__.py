"""Online booking: holds and public links."""
