"""The store in a SQLite file, shared by all processes of one machine."""
