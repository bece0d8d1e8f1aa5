"""Pages of credit that moves: transfers, gifts, expiry and grace."""
