"""Where configuration and database are."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from papertrack.errors import ConfigError, PapertrackError
from papertrack.places import config_path, database_path, make_private_folder

HOME = {"HOME": "/home/ada"}


def test_by_default_the_places_are_those_of_xdg() -> None:
    assert config_path(None, HOME) == Path("/home/ada/.config/papertrack/config.yaml")
    assert database_path(None, HOME, "") == Path("/home/ada/.local/share/papertrack/papertrack.db")


def test_xdg_variables_move_them() -> None:
    env = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"}
    assert config_path(None, env) == Path("/c/papertrack/config.yaml")
    assert database_path(None, env, "") == Path("/d/papertrack/papertrack.db")


@pytest.mark.parametrize("value", ["", "relative", "./x", "~/x"])
def test_a_relative_xdg_value_is_ignored_as_the_specification_says(value: str) -> None:
    env = HOME | {"XDG_CONFIG_HOME": value, "XDG_DATA_HOME": value}
    assert config_path(None, env) == config_path(None, HOME)
    assert database_path(None, env, "") == database_path(None, HOME, "")


def test_flag_comes_before_environment_before_configuration_before_default() -> None:
    env = HOME | {"PAPERTRACK_DB": "/env.db", "PAPERTRACK_CONFIG": "/env.yaml"}
    assert database_path("/flag.db", env, "/configured.db") == Path("/flag.db")
    assert database_path(None, env, "/configured.db") == Path("/env.db")
    assert database_path(None, HOME, "/configured.db") == Path("/configured.db")
    assert config_path("/flag.yaml", env) == Path("/flag.yaml")
    assert config_path(None, env) == Path("/env.yaml")


@pytest.mark.parametrize("value", ["~/my.db", "~//my.db", "~/x/../my.db"])
def test_a_tilde_is_the_home_of_the_given_environment(value: str) -> None:
    assert os.path.normpath(database_path(value, HOME, "")) == "/home/ada/my.db"


def test_a_relative_path_counts_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert database_path(None, {}, "sub/../my.db") == tmp_path / "my.db"


@pytest.mark.parametrize("env", [{}, {"HOME": ""}])
def test_without_a_home_the_way_out_is_named(env: Mapping[str, str]) -> None:
    with pytest.raises(ConfigError, match="set HOME or say --db FILE"):
        database_path(None, env, "")
    with pytest.raises(ConfigError, match="set HOME or say --config FILE"):
        config_path(None, env)
    with pytest.raises(ConfigError, match="set HOME"):
        database_path("~/x", env, "")
    assert database_path("/x.db", env, "") == Path("/x.db")


def test_a_folder_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(ConfigError, match="say the full path"):
        config_path("config.yaml", HOME)


def test_new_folders_are_private_and_old_ones_are_left_alone(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    old.chmod(0o755)
    mask = os.umask(0)
    try:
        for _ in range(2):
            make_private_folder(old / "new" / "papertrack")
    finally:
        os.umask(mask)
    modes = [(old / name).stat().st_mode & 0o777 for name in ("", "new", "new/papertrack")]
    assert modes == [0o755, 0o700, 0o700]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PapertrackError, match="cannot be made: "):
        make_private_folder(tmp_path / "file" / "papertrack")
    with pytest.raises(PapertrackError, match="cannot be made: "):
        make_private_folder(tmp_path / "file")
