"""Email: render, send, and keep what was sent."""
