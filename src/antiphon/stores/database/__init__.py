"""The database: tables, migrations, and the one way to write and to read. SQLite by default, PostgreSQL at scale.

Everything here speaks SQLAlchemy Core over plain drivers in threads, and one thread writes. Stores beside this package
say what is kept; this one must never know what a row means to a caller, nor be known above its own floor.
"""
