"""The steps. Each has a number, and is never changed once it was released: a database may have run it already."""
