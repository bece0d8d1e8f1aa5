"""Pages of gift vouchers."""
