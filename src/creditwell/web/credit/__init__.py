"""Pages of account credit: the balance explained, the account statement."""
