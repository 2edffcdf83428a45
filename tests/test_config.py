"""Settings: secrets are made once and kept; production refuses what is only fit for a demo."""

import stat
from pathlib import Path

import pytest

from volunteer.config import ConfigurationError, load_settings


def test_secrets_are_made_on_the_first_start_and_kept(tmp_path: Path) -> None:
    first = load_settings(instance_dir=tmp_path)
    again = load_settings(instance_dir=tmp_path)
    assert len(first.secret_key) >= 32
    assert (first.secret_key, first.field_keys, first.index_key) == (
        again.secret_key,
        again.field_keys,
        again.index_key,
    )
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    one, other = (
        load_settings(instance_dir=tmp_path / "a"),
        load_settings(instance_dir=tmp_path / "b"),
    )
    assert one.secret_key != other.secret_key
    assert one.field_keys != other.field_keys


def test_production_says_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    weak = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
    with pytest.raises(ConfigurationError) as told:
        load_settings(
            instance_dir=tmp_path,
            environment="production",
            secret_key="dev",
            field_keys=[weak],
            index_key="c2hvcnQ=",
        )
    for word in ("SECRET_KEY", "BASE_URL", "FIELD_KEYS", "INDEX_KEY"):
        assert word in str(told.value)


def test_production_starts_with_made_secrets_and_https(tmp_path: Path) -> None:
    settings = load_settings(
        instance_dir=tmp_path, environment="production", base_url="https://volunteer.example.cn/"
    )
    assert settings.is_production
    assert settings.is_secure
    assert settings.base_url == "https://volunteer.example.cn"


def test_a_postgres_address_gets_its_driver(tmp_path: Path) -> None:
    settings = load_settings(instance_dir=tmp_path, database_url="postgresql://db/city")
    assert settings.database_url == "postgresql+psycopg://db/city"


def test_the_address_follows_the_port(tmp_path: Path) -> None:
    assert load_settings(instance_dir=tmp_path, port=8123).base_url == "http://127.0.0.1:8123"
    said = load_settings(instance_dir=tmp_path, port=8123, base_url="https://v.example/")
    assert said.base_url == "https://v.example"


def test_half_of_an_official_account_and_a_wrong_template_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="VOLUNTEER_WECHAT_APP_SECRET"):
        load_settings(instance_dir=tmp_path, wechat_app_id="wx1")
    monkeypatch.setenv(
        "VOLUNTEER_WECHAT_TEMPLATES", '{"*": {"id": "T", "fields": {"thing1": "x"}}}'
    )
    with pytest.raises(ValueError, match="fields"):
        load_settings(instance_dir=tmp_path)
    right = '{"reminder": {"id": "T", "fields": {"thing1": "title", "time2": "body"}}}'
    monkeypatch.setenv("VOLUNTEER_WECHAT_TEMPLATES", right)
    kept = load_settings(instance_dir=tmp_path).wechat_templates["reminder"]
    assert (kept.id, kept.fields["time2"]) == ("T", "body")
