"""The application: settings, database, login, guard, errors, filters, blueprints, commands."""

from flask import Flask, g, session
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from volunteer import cli, views
from volunteer.config import Settings, load_settings
from volunteer.models import cipher, signer
from volunteer.models.base import db, tune_engine
from volunteer.operations import journal
from volunteer.queries.accounts import signed_in_account
from volunteer.queries.titles import city_words
from volunteer.render import glyphs
from volunteer.web import errors, filters, guard, headers, page, signing, words
from volunteer.web.lean import Application, Csrf, Packing, Sessions

babel = Babel()
csrf = Csrf()
compress = Packing()


def _locale() -> str:
    return str(session.get("language", "zh_Hans_CN"))


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; settings come from the environment unless given."""
    settings = settings or load_settings()
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    app = Application("volunteer", instance_path=str(settings.instance_dir.resolve()))
    app.session_interface = Sessions()
    app.jinja_environment = words.Templates
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        TESTING=settings.environment == "test",
        MAX_CONTENT_LENGTH=5 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-session" if settings.is_secure else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=settings.device_days * 86400,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES="translations",
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/csv",
            "text/calendar",
            "application/json",
            "application/javascript",
            "text/javascript",
            "image/svg+xml",
        ],
        COMPRESS_MIN_SIZE=500,
        SETTINGS=settings,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]

    cipher.configure(field_keys=settings.field_key_bytes(), index_key=settings.index_key_bytes())
    signer.configure(settings.signing_key_bytes())
    glyphs.configure(settings.instance_dir / "fonts")
    db.init_app(app)
    with app.app_context():
        tune_engine(db.engine)
    babel.init_app(app, locale_selector=_locale)
    headers.install(app, is_secure=settings.is_secure)
    csrf.init_app(app)
    compress.init_app(app)
    signing.install(app, load=signed_in_account)
    guard.install(app)
    errors.install(app)
    filters.install(app)
    page.install(app, load_words=city_words)
    for blueprint in views.blueprints():
        app.register_blueprint(blueprint)
    cli.install(app)

    @app.before_request
    def _name_acts() -> None:
        journal.request_id.set(g.get("request_id", ""))

    return app


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.database_url.startswith("sqlite"):
        return {"connect_args": {"timeout": 8, "check_same_thread": False}}
    return {"pool_size": settings.threads, "max_overflow": 4, "pool_pre_ping": True}
