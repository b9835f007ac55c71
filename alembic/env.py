"""Runs migrations on the connection that `quartermaster.storage.migrate` hands over, in its transaction."""

from alembic import context

from quartermaster.storage.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
