"""
The door for programs: REST under /api/v1, opened by API keys.

A route (routes.py) names the permission that it needs, the shape that it answers and the refusals
it may give; it makes one call below and translates. docs/developers/api.md tells it from outside.
"""
