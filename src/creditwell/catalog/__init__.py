"""Items, prices, taxes, concession prices, payment sources."""
