"""Pages of payments, receipts and refunds."""
