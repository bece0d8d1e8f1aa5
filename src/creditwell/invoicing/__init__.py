"""Invoices, lines and credit notes."""
