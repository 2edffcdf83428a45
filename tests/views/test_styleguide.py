"""The style guide in a real browser: axe finds nothing, no console error, nothing scrolls sideways."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def guide() -> ModuleType:
    spec = importlib.util.spec_from_file_location("guide", ROOT / "tools/styleguide/guide.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.browser
@pytest.mark.slow
def test_components_are_accessible_at_both_sizes(guide: ModuleType, tmp_path: Path) -> None:
    assert guide.pictures(tmp_path, guide.PAGES) == []


@pytest.mark.browser
@pytest.mark.slow
def test_elder_mode_is_large_and_fits(guide: ModuleType, tmp_path: Path) -> None:
    assert (
        guide.pictures(
            tmp_path, ("phone?elder", "checkin?elder"), sizes=("phone",), least_target=60
        )
        == []
    )
