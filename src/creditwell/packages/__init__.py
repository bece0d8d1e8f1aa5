"""Packages of sessions: products, holdings, sessions."""
