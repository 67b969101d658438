"""Commands and files that the documents tell people to use can be used as they stand."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from typer.main import get_command

from api.cli import app as restplatz
from api.settings import Settings
from api.settings_names import PREFIX, unknown_names
from optimizer.__main__ import app as optimizer_app
from optimizer.simulate.sampling import sample

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
INSTALLATION = (ROOT / "docs" / "installation.md").read_text(encoding="utf-8")
SYSTEMD = ROOT / "docs" / "systemd"
ENVIRONMENT = (SYSTEMD / "restplatz.env").read_text(encoding="utf-8")
UNITS = sorted(path for path in SYSTEMD.iterdir() if path.suffix in (".service", ".timer"))


# --- the commands of the README ---------------------------------------------------------------------------------------


def asked() -> list[list[str]]:
    """The words of each command of the optimizer, in the order of the README; but those on files of one's own."""
    lines = re.findall(r"^\.venv/bin/python -m optimizer (.*)$", README, flags=re.MULTILINE)
    return [words for line in lines if "FILE" not in (words := shlex.split(line, comments=True))]


def after(words: list[str], option: str) -> str | None:
    return words[words.index(option) + 1] if option in words else None


def test_files_of_the_readme_are_there_when_a_command_reads_them_and_are_not_written_over() -> None:
    made: set[str] = set()
    for words in asked():
        target = after(words, "--out")
        assert target is None or target not in made, f"{target} is made twice"
        for file in (word for word in words if word.endswith(".json") and word != target):
            assert file in made or (ROOT / file).is_file(), f"{' '.join(words)}: {file} is not there"
        made |= {target} if target else set()
    assert {"day.json", "result.json", "week.json"} <= made


def test_requests_that_the_readme_asks_about_are_in_its_day() -> None:
    drawn = next(words for words in asked() if after(words, "--out") == "day.json")
    requests, duties, seed = (int(after(drawn, option) or 0) for option in ("--requests", "--duties", "--seed"))
    instance, _ = sample(requests=requests, duties=duties, seed=seed)
    named = {request for words in asked() if (request := after(words, "--request")) is not None}
    assert named
    assert named <= {request.id for request in instance.requests}


@pytest.mark.parametrize("words", asked(), ids=" ".join)
def test_commands_of_the_readme_have_the_options_that_it_names(words: list[str]) -> None:
    command = get_command(optimizer_app).commands[words[0]]  # type: ignore[attr-defined]
    known = {option for param in command.params for option in param.opts}
    assert {word for word in words if word.startswith("--")} <= known


# --- the installation -------------------------------------------------------------------------------------------------


def stated(text: str) -> dict[str, str]:
    """Settings of a file of which each value stands in single quotes: then systemd and sh read the same."""
    lines = [line for line in text.splitlines() if line and not line.startswith("# ")]
    for line in lines:
        assert re.fullmatch(r"#?[A-Z_]+='[^']*'", line), f"neither comment, nor a value in single quotes: {line}"
    return dict(re.findall(r"^([A-Z_]+)='([^']*)'$", text, flags=re.MULTILINE))


@pytest.mark.parametrize(
    "text", [ENVIRONMENT, ENVIRONMENT.replace("\n#RESTPLATZ", "\nRESTPLATZ")], ids=["as is", "all"]
)
def test_sh_reads_the_sample_of_the_settings_as_systemd_does(tmp_path: Path, text: str) -> None:
    (tmp_path / "restplatz.env").write_text(text, encoding="utf-8")
    told = subprocess.run(
        ["sh", "-c", 'set -a; . "$0"; exec env -0', str(tmp_path / "restplatz.env")],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stderr == ""
    read = dict(line.split("=", 1) for line in told.stdout.split("\0") if line.startswith(PREFIX))
    assert read == stated(text)
    assert list(unknown_names(read, tmp_path / "no.env")) == []
    assert any(set("$&,; ") & set(value) for value in read.values()), "what must be quoted is among them"


def test_the_sample_of_the_settings_is_taken_as_it_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [each for each in os.environ if each.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in stated(ENVIRONMENT).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert Settings().folder.is_absolute()


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_start_commands_that_are_there_with_those_settings(path: Path) -> None:
    unit = ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # Names of systemd have capitals.
    unit.read_string(path.read_text(encoding="utf-8"))
    if path.suffix == ".timer":
        assert path.with_suffix(".service") in UNITS
        assert unit["Timer"]["OnCalendar"].endswith(" Europe/Berlin")
        return
    programme, command, *_ = unit["Service"]["ExecStart"].split()
    assert programme == "/opt/restplatz/bin/restplatz"
    assert command in get_command(restplatz).commands  # type: ignore[attr-defined]
    assert unit["Service"]["EnvironmentFile"] == "/etc/restplatz.env"
    assert unit["Service"]["WorkingDirectory"] == stated(ENVIRONMENT)["RESTPLATZ_FOLDER"]


def test_the_installation_names_files_commands_and_settings_that_are_there() -> None:
    for pattern in re.findall(r"docs/systemd/[\w.*-]+", INSTALLATION):
        assert list(ROOT.glob(pattern)), f"{pattern} is not there"
    named = set(re.findall(r"docs/systemd/([\w-]+\.(?:service|timer))", INSTALLATION))
    assert named | {path.name for path in SYSTEMD.glob("restplatz-[nb]*")} == {path.name for path in UNITS}
    commands = get_command(restplatz).commands  # type: ignore[attr-defined]
    for name in re.findall(r"(?:-- |bin/)restplatz ([\w-]+)", INSTALLATION):
        assert name in commands, f"restplatz {name}"
    written = {name.rstrip("_"): "" for name in re.findall(rf"{PREFIX}[A-Z_]+", INSTALLATION)}
    assert list(unknown_names(written, ROOT / "no.env")) == []
