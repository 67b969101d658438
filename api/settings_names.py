"""Names in the environment, or in ``.env``, that look like settings and are none: a typo must not go unnoticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from api.settings import Settings

PREFIX = str(Settings.model_config.get("env_prefix", ""))
_OTHERS = ("RESTPLATZ_TEST_", "RESTPLATZ_INSTANCES")
"""Begins of names that tests and benchmarks read."""


def unknown_names(environment: Mapping[str, str], file: Path) -> Iterator[tuple[str, str]]:
    """Yield each name that is no setting, with the setting that is most like it (empty: none is), sorted.

    Parameters
    ----------
    environment
        Of the process.
    file
        The file ``.env``; it may be absent.
    """
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted({*_settings_in(environment), *_settings_in(dotenv_values(file))}):
        # Compared without what all begin with, which would make all of them alike.
        if (own := name.removeprefix(PREFIX)) not in known:
            yield name, "".join(f"{PREFIX}{near}" for near in get_close_matches(own, known, n=1, cutoff=0.7))


def _settings_in(names: Iterable[str]) -> Iterator[str]:
    # Upper and lower case are the same to settings.
    return (name.upper() for name in names if name.upper().startswith(PREFIX) and not name.upper().startswith(_OTHERS))
