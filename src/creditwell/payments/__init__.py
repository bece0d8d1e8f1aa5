"""Payments, allocations, refunds and receipts."""
