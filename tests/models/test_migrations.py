"""The migrations build exactly the models, and can be walked back."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import insert, inspect, select, text

from volunteer import migrations
from volunteer.domain.timekeeping import now
from volunteer.models import Base
from volunteer.models.base import db


def test_there_is_one_head() -> None:
    scripts = ScriptDirectory.from_config(migrations.alembic_config())
    assert len(scripts.get_heads()) == 1


def test_the_newest_schema_is_what_the_models_say(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_down_to_nothing_and_up_again(app: Flask) -> None:
    with db.engine.connect() as connection:
        migrations.downgrade(connection, "base")
        connection.commit()
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
        assert left == set()
        connection.rollback()
        migrations.upgrade(connection)
        connection.commit()
        assert connection.execute(text("SELECT seq FROM ledger_head")).scalar_one() == 0


def test_a_city_of_the_first_version_keeps_all_it_has(app: Flask) -> None:
    with db.engine.connect() as connection:
        migrations.downgrade(connection, "base")
        migrations.upgrade(connection, "0001")
        connection.commit()
        assert "wechat_bond" not in inspect(connection).get_table_names()
        first = Base.metadata.tables["account"]
        connection.execute(insert(first).values(login="chen", name="陈静", created_at=now()))
        connection.commit()
        migrations.upgrade(connection)
        connection.commit()
        assert connection.execute(select(first.c.name)).scalars().all() == ["陈静"]
        assert "wechat_bond" in inspect(connection).get_table_names()
