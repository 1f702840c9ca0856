"""What Alembic runs: every missing step on the connection and in the transaction of the caller."""

from alembic import context

from aggregator.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    # what steps make is named by the same rule as the tables
    target_metadata=metadata,
    # SQLite too rolls back tables that were made in a transaction
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
