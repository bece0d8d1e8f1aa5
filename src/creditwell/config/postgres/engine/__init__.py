"""Django's PostgreSQL backend, with a lighter look at pooled connections (settings: ENGINE)."""
