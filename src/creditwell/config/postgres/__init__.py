"""The PostgreSQL that comes with Creditwell: found, made, started, watched and stopped by us.

`place` says where things lie (and starts nothing); `running(data_dir)` gives a server for as long
as a `with` block lasts. An installation that sets DATABASE_URL brings its own server instead.
"""
