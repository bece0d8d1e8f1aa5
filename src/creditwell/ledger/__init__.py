"""The journal: append-only double entry behind one door, `ledger.post`."""
