"""E-mail: render, send, and keep what was sent."""
