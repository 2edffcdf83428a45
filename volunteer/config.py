"""Settings (配置): typed, from the environment (``VOLUNTEER_*``) and ``instance/``; each with its why.

Secrets are made on the first start and kept in ``instance/secrets.json`` (mode 0600). Production refuses
to start with a setting that is only fit for a demo.
"""

import base64
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class ConfigurationError(Exception):
    """The settings cannot be used; the message says which and how to mend it."""


class WeChatTemplate(BaseModel):
    """A message template that WeChat has approved: its number, and which text fills which keyword."""

    id: str = Field(min_length=1)
    fields: dict[str, Literal["title", "body", "topic"]] = Field(min_length=1)


class Settings(BaseSettings):
    """All that an installation may set."""

    model_config = SettingsConfigDict(env_prefix="VOLUNTEER_", extra="ignore")

    environment: Literal["demo", "test", "production"] = "demo"
    """What this installation is; ``production`` switches every check on."""
    instance_dir: Path = ROOT / "instance"
    """Where the database and the secrets live; back this folder up."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in the instance folder. PostgreSQL: postgresql+psycopg://…"""
    base_url: str = ""
    """The address people use; it stands in QR codes, so phones must reach it. https in production.

    Empty means this machine alone, at the port below.
    """
    host: str = "127.0.0.1"
    """The address to listen on; 0.0.0.0 to be reached from other machines."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The port to listen on."""
    threads: int = Field(default=16, ge=2, le=128)
    """Threads of the embedded server."""
    intake_waiting: int = Field(default=256, ge=1, le=10_000)
    """How many check-ins may wait for the writer of a process; more are asked to come again in seconds."""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies stand in front; their X-Forwarded-For is believed, no others."""
    worker_in_process: bool = True
    """Run jobs in a thread of the web process; switch off where worker processes run."""
    backup_dir: Path | None = None
    """Where the worker puts a checked copy of the database each night; empty: it makes none."""
    backup_keep: int = Field(default=14, ge=2, le=400)
    """How many nightly copies stay; older ones are removed."""
    solver_workers: int = Field(default=0, ge=0, le=64)
    """Processes of one scheduling run; 0 means all cores, at most four."""
    secret_key: str = ""
    """Signs the session cookie; made on first start when empty."""
    field_keys: list[str] = Field(default_factory=list)
    """Base64 keys (32 bytes) for phone and ID numbers, oldest first, an empty one is retired; made on first start when empty."""
    index_key: str = ""
    """Base64 key of the blind index; made on first start when empty. Must never change."""
    signing_key: str = ""
    """Base64 seed (32 bytes) of the Ed25519 key for roots and certificates; made on first start when empty."""
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    """How long a desk session lives without use."""
    device_days: int = Field(default=180, ge=1, le=400)
    """How long a volunteer's phone stays signed in."""
    first_password_days: int = Field(default=14, ge=1, le=90)
    """How long a first password may be used before it is changed."""
    city_name: str = "邵阳市"
    """Shown in titles and on papers."""
    support_phone: str = ""
    """Whom to call when something fails; shown on error pages."""
    wechat_app_id: str = ""
    """Official account for messages (docs/operations.md)."""
    wechat_app_secret: str = ""
    """Secret of the official account."""
    wechat_templates: dict[str, WeChatTemplate] = Field(default_factory=dict)
    """Message topic (``*``: every other) to a template of the official account, as JSON; topics without one stay in the app."""
    wechat_api: str = "https://api.weixin.qq.com"
    """Where WeChat's interfaces are asked; another one only behind a gateway of one's own."""
    sms_gateway_url: str = ""
    """Address of an SMS gateway; empty: no SMS."""
    sms_gateway_key: str = ""
    """Key of the SMS gateway."""
    sms_templates: dict[str, str] = Field(default_factory=dict)
    """Message topic to registered SMS template, as JSON; topics without one are not sent by SMS."""

    @model_validator(mode="after")
    def _settle(self) -> "Settings":
        if not self.database_url:
            self.database_url = f"sqlite:///{self.instance_dir / 'volunteer.sqlite'}"
        if self.database_url.startswith("postgresql://"):
            self.database_url = self.database_url.replace(
                "postgresql://", "postgresql+psycopg://", 1
            )
        if bool(self.wechat_app_id) != bool(self.wechat_app_secret):
            raise ValueError(
                "WeChat needs both VOLUNTEER_WECHAT_APP_ID and VOLUNTEER_WECHAT_APP_SECRET"
            )
        self.base_url = self.base_url.rstrip("/") or f"http://127.0.0.1:{self.port}"
        return self

    @property
    def is_production(self) -> bool:
        """True where real people's records are kept."""
        return self.environment == "production"

    @property
    def is_secure(self) -> bool:
        """True when served over https: cookies are then Secure and HSTS is sent."""
        return self.base_url.startswith("https://")

    def field_key_bytes(self) -> list[bytes]:
        """The field keys as bytes."""
        return [base64.b64decode(key) for key in self.field_keys]

    def index_key_bytes(self) -> bytes:
        """The key of the blind index as bytes."""
        return base64.b64decode(self.index_key)

    def signing_key_bytes(self) -> bytes:
        """The seed of the signing key as bytes."""
        return base64.b64decode(self.signing_key)


_SECRETS = ("secret_key", "field_keys", "index_key", "signing_key")
_WEAK = {"", "dev", "secret", "changeme", "change-me", "password", "test"}


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _made_secrets(folder: Path) -> dict[str, object]:
    path = folder / "secrets.json"
    known: dict[str, object] = {}
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
    if all(known.get(name) for name in _SECRETS):
        return known
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, object] = {
        "secret_key": secrets.token_urlsafe(48),
        "field_keys": [_random_key()],
        "index_key": _random_key(),
        "signing_key": _random_key(),
    }
    kept = {**made, **{name: value for name, value in known.items() if value}}
    fresh = path.with_name(f"secrets.{os.getpid()}.json")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(kept, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    if path.exists():
        fresh.replace(path)  # a secret added by a newer release never costs the old ones
        return kept
    try:
        os.link(fresh, path)  # of two first starts at once, one makes the secrets
    except FileExistsError:
        return _made_secrets(folder)
    except OSError:  # a file system without links
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return kept


def _unfit(settings: Settings) -> Iterator[str]:
    """What production must not start with."""
    if settings.secret_key.lower() in _WEAK or len(settings.secret_key) < 32:
        yield "VOLUNTEER_SECRET_KEY is a default or shorter than 32 characters"
    if not settings.is_secure:
        yield "VOLUNTEER_BASE_URL must be an https address"
    if any(len(key) != 32 or len(set(key)) < 8 for key in settings.field_key_bytes() if key):
        yield "VOLUNTEER_FIELD_KEYS must be random keys of 32 bytes"
    if len(settings.index_key_bytes()) < 32:
        yield "VOLUNTEER_INDEX_KEY must be at least 32 bytes"
    if len(settings.signing_key_bytes()) != 32 or len(set(settings.signing_key_bytes())) < 8:
        yield "VOLUNTEER_SIGNING_KEY must be a random key of 32 bytes"


def load_settings(**overrides: object) -> Settings:
    """Read the settings, make missing secrets, and refuse what is not fit for production.

    Raises ConfigurationError with all that is wrong at once.
    """
    settings = Settings(**overrides)  # type: ignore[arg-type]
    if not all(getattr(settings, name) for name in _SECRETS):
        for name, value in _made_secrets(settings.instance_dir).items():
            if not getattr(settings, name):
                setattr(settings, name, value)
    if settings.is_production:
        faults = list(_unfit(settings))
        if faults:
            raise ConfigurationError("; ".join(faults))
    return settings
