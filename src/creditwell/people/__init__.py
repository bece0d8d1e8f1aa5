"""Patients, contacts, and the payers whose money it is."""
