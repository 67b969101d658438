"""The layers hold, light imports stay light, files stay short."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400
"""Lines of a file; about 300 is the aim."""
HEAVY = ("ortools", "pandas", "numba", "scipy", "pydantic", "rich", "typer")


def python_files(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)  # Those are generated, and then final.


def loaded_by(statement: str, *modules: str) -> set[str]:
    """Which of ``modules`` a fresh interpreter has loaded after a statement."""
    code = f"{statement}; import sys; print(*sorted(m for m in {modules!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_imports_only_point_downward() -> None:
    command = Path(sys.executable).parent / "lint-imports"
    if not command.exists():
        pytest.skip("import-linter is not installed: pip install -e '.[dev]'")
    done = subprocess.run([command, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import optimizer", HEAVY),
        ("import optimizer.model", HEAVY),
        ("import optimizer.verify", ("numba", "ortools", "pandas", "scipy")),
        ("import optimizer.result, optimizer.params", ("numba", "ortools", "pandas", "scipy")),
        ("import optimizer.routing.segment", ("numba", "ortools", "pandas", "scipy")),
        ("import optimizer.__main__", ("numba", "ortools", "pandas", "scipy")),
        ("import api", ("numba", "ortools", "pandas", "scipy")),
        # ortools loads pandas by itself, so that only the rest can be told of the solver.
        ("import optimizer.solve", ("rich", "typer", "pydantic", "fastapi")),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_light_imports_load_nothing_heavy(statement: str, absent: tuple[str, ...]) -> None:
    assert loaded_by(statement, *absent) == set()


def test_the_probe_sees_what_is_loaded() -> None:
    assert loaded_by("import optimizer.solve", "ortools", "numba") == {"ortools", "numba"}


@pytest.mark.parametrize("path", python_files("optimizer", "api", "data"), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", python_files("optimizer", "api", "data"), ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_have_a_purpose_and_a_name(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree), "a module says what it is for"
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "misc", "common", "info"}


def test_the_recipe_stays_short() -> None:
    """The recipe is to be read aloud: no function of it is longer than what fits on a screen."""
    tree = ast.parse((ROOT / "optimizer" / "solve.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 80, node.name
