"""Commands (命令): bring the schema up, serve, work, and look after the record."""

import json
import logging
import os
import secrets
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import click
from flask import Flask, current_app
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from volunteer import migrations
from volunteer.config import ConfigurationError
from volunteer.demo import build
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role
from volunteer.domain.timekeeping import local, now
from volunteer.gateways import backup
from volunteer.jobs.queue import Worker
from volunteer.models.base import db, reading_from, tune_engine, unit_of_work, writing
from volunteer.models.cipher import newest_key
from volunteer.models.people import Account, RoleGrant
from volunteer.models.rosters import SchedulingRun
from volunteer.operations.ledger.recounting import check_totals, rebuild_totals
from volunteer.operations.passwords import hash_password
from volunteer.operations.rekeying import key_use, renew_some
from volunteer.operations.relocation import Moved, RelocationError, move_city
from volunteer.operations.sealing import seal_due
from volunteer.queries.roots import ledger_as_of
from volunteer.queries.runs import problem_in
from volunteer.queries.verification import are_numbers_readable, verify_all
from volunteer.scheduling.wire import write_problem


def upgrade_schema() -> None:
    """Bring the database of the current application to the newest schema."""
    with db.engine.connect() as connection:
        migrations.upgrade(connection)
        connection.commit()


def serve(app: Flask) -> None:
    """Bring the schema up and serve with the embedded server; jobs run in a thread unless told otherwise."""
    from waitress import serve as waitress_serve

    settings = app.config["SETTINGS"]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with app.app_context():
        upgrade_schema()
        if settings.is_production and build.is_demo():
            raise ConfigurationError(
                "this database holds a demo city; production needs a database of its own"
            )
        count = db.session.scalar(select(func.count()).select_from(Account))
    worker = Worker(app.app_context)
    if settings.worker_in_process:
        worker.start()
    click.echo(f"Serving {settings.city_name} at {settings.base_url} ({count} accounts)")
    before = signal.signal(signal.SIGTERM, _end_in_order)
    try:
        waitress_serve(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            ident=None,
            # with proxies in front ProxyFix reads these headers, and only as many hops as are trusted
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
            max_request_body_size=6 * 1024 * 1024,
        )
    finally:
        worker.stop()
        signal.signal(signal.SIGTERM, before)


def _end_in_order(_number: int, _frame: object) -> NoReturn:
    """Leave the loop of the server: requests under way end, the worker lets its job go."""
    raise SystemExit(0)


@click.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the newest schema."""
    upgrade_schema()
    click.echo("The schema is up to date.")


@click.command("serve")
def serve_command() -> None:
    """Serve the application with the embedded server."""
    serve(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("worker")
def worker_command() -> None:
    """Carry out jobs in this process (run several where the city outgrows one machine)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    Worker(app.app_context).run()


@click.command("demo")
def demo_command() -> None:
    """Build the demo city where the database is empty, and print its accounts."""
    settings = current_app.config["SETTINGS"]
    if settings.is_production:
        click.echo("A demo city is never built in production.", err=True)
        sys.exit(1)
    upgrade_schema()
    began = time.monotonic()
    if build.is_built():
        click.echo("There are accounts already; nothing was built.")
        return
    shown = build.build(
        at=now(), say=lambda step: click.echo(f"  {time.monotonic() - began:5.1f} s  {step}")
    )
    click.echo(
        f"\n{settings.city_name}演示城市已建好，用时 {time.monotonic() - began:.0f} 秒。网址：{settings.base_url}"
    )
    click.echo(f"演示账号的密码都是：{build.PASSWORD}\n")
    for account in shown:
        click.echo(f"  {account.login:<10} {account.role}　{account.who}")
    click.echo("")


@click.command("create-admin")
@click.argument("login")
@click.argument("name")
def create_admin_command(login: str, name: str) -> None:
    """Make a city administrator and print the first password."""
    password = secrets.token_urlsafe(12)
    at = now()
    with unit_of_work():
        if db.session.scalar(select(Account.id).where(Account.login == login.lower())):
            click.echo(f"The login {login} exists already; nothing was changed.", err=True)
            sys.exit(1)
        account = Account(
            login=login.lower(),
            name=name,
            password_hash=hash_password(password),
            must_change_password=True,
            first_password_expires_at=at
            + timedelta(days=current_app.config["SETTINGS"].first_password_days),
            created_at=at,
        )
        db.session.add(account)
        db.session.flush()
        db.session.add(
            RoleGrant(account_id=account.id, role=Role.CITY_ADMIN, reach="city", granted_at=at)
        )
    click.echo(f"Account {login}, first password {password} (to be changed at the first sign-in)")


@click.command("export-problem")
@click.argument("run", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_problem_command(run: int, file: Path) -> None:
    """Write the problem of a scheduling run to FILE; `python -m volunteer.scheduling solve` replays it."""
    found = db.session.get(SchedulingRun, run)
    problem = None if found is None else problem_in(found)
    if problem is None:
        click.echo(f"There is no run {run}, or it has not read its problem yet.", err=True)
        sys.exit(1)
    write_problem(file, problem)
    click.echo(f"{file}: {len(problem.people)} people, {len(problem.duties)} shifts")


@click.command("draft-migration")
@click.argument("message")
def draft_migration_command(message: str) -> None:
    """Draft a migration from the models, against an empty database of the newest schema."""
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/newest.sqlite")
        with engine.connect() as connection:
            migrations.upgrade(connection)
            drafted = migrations.draft(connection, message)
        engine.dispose()
    click.echo(f"Read and correct {drafted}" if drafted else "The models hold nothing new.")


@click.command("ledger-verify")
@click.option(
    "--witness",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A list of roots that a unit downloaded earlier (roots.json).",
)
def ledger_verify_command(witness: Path | None) -> None:
    """Check the whole ledger and name each row that was edited, deleted, inserted or moved."""
    kept = json.loads(witness.read_text(encoding="utf-8")) if witness else None
    found = verify_all(kept, helpers=(os.cpu_count() or 1) - 1)
    for fault in found.chain.faults:
        click.echo(f"ledger_entry seq={fault.seq} {fault.kind} {fault.sentence}")
    for root in found.root_faults:
        click.echo(f"ledger_root day={root.day} {root.sentence}")
    for record_id in found.record_ids:
        click.echo(f"service_record id={record_id} 与封存的流水不一致")
    if not found.is_sound:
        click.echo(
            "The ledger was tampered with; keep this output and the database file.", err=True
        )
        sys.exit(1)
    click.echo(f"{found.chain.count} entries are sound under {found.roots} roots;")
    click.echo(f"the last seal is {found.chain.seal.hex()}.")


def _fail(words: str) -> NoReturn:
    click.echo(words, err=True)
    sys.exit(1)


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
def backup_command(target: Path) -> None:
    """Copy the database to TARGET (a new file, or a folder) while it is in use, and check the copy."""
    address = current_app.config["SETTINGS"].database_url
    if target.is_dir():
        target = target / f"volunteer-{local(now()):%Y-%m-%d-%H%M%S}{backup.suffix_of(address)}"
    try:
        made = backup.back_up(address, target)
    except backup.BackupError as error:
        _fail(str(error))
    click.echo(f"{made.path}: {made.size} bytes")
    if not backup.is_sqlite(address):
        click.echo("pg_restore can read it; the ledger in it is checked when it is restored.")
        return
    engine = create_engine(f"sqlite:///file:{target}?mode=ro&immutable=1&uri=true")
    with reading_from(engine):
        found = verify_all()
    engine.dispose()
    if not found.is_sound:
        _fail("The ledger in it was tampered with: run ledger-verify.")
    click.echo(f"{found.chain.count} ledger entries in it are sound.")


@click.command("restore")
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path))
def restore_command(source: Path) -> None:
    """Put a copy where the settings expect the database (which must be empty), and check it."""
    try:
        backup.restore(current_app.config["SETTINGS"].database_url, source)
    except backup.BackupError as error:
        _fail(str(error))
    upgrade_schema()
    found = verify_all()
    if not found.is_sound:
        _fail("It is restored, but its ledger was tampered with: run ledger-verify.")
    click.echo(f"Restored; {found.chain.count} ledger entries are sound.")
    if not are_numbers_readable():
        _fail("Its phone numbers cannot be read: put the secrets.json of that time beside it.")


@click.command("move-to")
@click.argument("address")
def move_to_command(address: str) -> None:
    """Carry the whole city into the empty database at ADDRESS (postgresql://… or sqlite:///…), and check it there."""
    if address.startswith("postgresql://"):
        address = address.replace("postgresql://", "postgresql+psycopg://", 1)
    upgrade_schema()
    try:
        engine = create_engine(address)
    except ArgumentError as fault:
        _fail(str(fault))
    try:
        moved = _move_to(engine)
        with reading_from(engine):
            found = verify_all()
    except (RelocationError, DBAPIError) as fault:
        _fail(str(getattr(fault, "orig", None) or fault).strip())
    finally:
        engine.dispose()
    if not found.is_sound:
        _fail("It is there, but its ledger was tampered with before: run ledger-verify.")
    click.echo(f"{moved.rows} rows of {moved.tables} tables are there, each as it was.")
    click.echo(f"{found.chain.count} ledger entries there are sound.")
    click.echo("Name it in VOLUNTEER_DATABASE_URL, keep secrets.json, and start.")


def _move_to(engine: Engine) -> Moved:
    tune_engine(engine)
    with engine.connect() as target:
        migrations.upgrade(target)
        target.commit()
    with writing(), db.engine.begin() as source, engine.begin() as target:
        return move_city(source, target)


@click.command("field-keys")
@click.option(
    "--renew", is_flag=True, help="Write every encrypted field again under the newest key."
)
def field_keys_command(renew: bool) -> None:
    """Say how many encrypted fields stand under each key of the list, and which keys can be retired."""
    done = 0
    while renew:
        with unit_of_work():
            count = renew_some()
        done += count
        if not count:
            click.echo(f"{done} fields were written again.")
            break
    use = key_use()
    for place in range(1, newest_key() + 1):
        click.echo(f"key {place}: {use.fields[place]} fields")
    if newest_key() > 1 and use.is_newest_only:
        click.echo('Every older key can be retired: put "" in its place in field_keys.')


@click.command("ledger-totals")
@click.option("--check", "wish", flag_value="check", default=True, help="Count anew and compare.")
@click.option("--rebuild", "wish", flag_value="rebuild", help="Replace the kept totals.")
def ledger_totals_command(wish: str) -> None:
    """Compare the kept totals with the entries of the ledger, or count them anew."""
    with unit_of_work():
        found = rebuild_totals() if wish == "rebuild" else check_totals()
    if found.differing and wish == "rebuild":
        click.echo(
            f"{found.differing} rows differed from the entries; the totals were counted anew."
        )
    elif found.differing:
        click.echo(
            f"{found.differing} rows differ from the entries; run it with --rebuild.", err=True
        )
        sys.exit(1)
    else:
        click.echo(f"{found.rows} rows of totals are what the entries say.")


@click.command("ledger-seal")
def ledger_seal_command() -> None:
    """Sign the roots of the days that are over and have none yet (the worker does it every night)."""
    with unit_of_work():
        sealed = seal_due(at=now())
    for row in sealed:
        click.echo(f"{row.day} {row.first_seq}-{row.last_seq} {row.root.hex()}")
    click.echo(f"{len(sealed)} days sealed.")


@click.command("ledger-as-of")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
def ledger_as_of_command(day: datetime) -> None:
    """Write the ledger as it stood at the end of DAY to standard output: the same bytes for ever."""
    try:
        for line in ledger_as_of(day.date()):
            click.echo(line, nl=False)
    except Refused as refused:
        click.echo(f"{refused.sentence} {refused.hint}".strip(), err=True)
        sys.exit(1)


COMMANDS = (
    backup_command,
    restore_command,
    move_to_command,
    field_keys_command,
    ledger_verify_command,
    ledger_totals_command,
    ledger_seal_command,
    ledger_as_of_command,
    upgrade_command,
    serve_command,
    worker_command,
    demo_command,
    create_admin_command,
    export_problem_command,
    draft_migration_command,
)


def install(app: Flask) -> None:
    """Hang the commands into ``flask --app wsgi``."""
    for command in COMMANDS:
        app.cli.add_command(command)
