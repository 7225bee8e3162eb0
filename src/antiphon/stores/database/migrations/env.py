"""What alembic runs: the migrations, on the connection and in the transaction that it was given."""

from alembic import context

from antiphon.stores.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
