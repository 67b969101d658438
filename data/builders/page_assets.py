"""Fetch what others wrote for the page (htmx, KERN, Leaflet) into ``api/static/vendor``, with licences and checksums.

The pages load nothing from elsewhere, so it ships with the project. KERN is cut to what the pages use (``kern_cut``).
Run it by hand where a version changes, or a page uses a class of KERN that was left out (a test tells); needs npm.
``python -m data.builders.page_assets``
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from data.builders.kern_cut import cut, used_names

VENDOR = Path(__file__).parents[2] / "api" / "static" / "vendor"
KERN = "dist/kern.min.css"
PACKAGES: dict[str, tuple[str, ...]] = {
    "htmx.org@4.0.1": ("LICENSE", "dist/htmx.min.js", "dist/ext/hx-sse.min.js"),
    "leaflet@1.9.4": ("LICENSE", "dist/leaflet.js", "dist/leaflet.css"),
    "@kern-ux/native@2.7.2": (
        "LICENSE.md", KERN, "dist/fonts/fira-sans/FiraSans-Regular.woff2",
        "dist/fonts/fira-sans/FiraSans-SemiBold.woff2", "dist/fonts/fira-sans/FiraSans-Bold.woff2",
    ),
}  # fmt: skip
"""Package with its version: files that are taken."""


def main() -> None:
    """Fetch all packages and write ``vendor.json``."""
    sums: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        for package, files in PACKAGES.items():
            for target, content in _taken(package, files, Path(name)):
                path = VENDOR / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                sums[target] = hashlib.sha256(content).hexdigest()
    told = {"packages": sorted(PACKAGES), "sha256": dict(sorted(sums.items())), "used_of_kern": sorted(used_names())}
    (VENDOR / "vendor.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _taken(package: str, files: tuple[str, ...], folder: Path) -> Iterator[tuple[str, bytes]]:
    command = ["npm", "pack", "--silent", package]
    packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603  # our own names
    short = package.lstrip("@").split("@", maxsplit=1)[0].split("/", maxsplit=1)[0].split(".", maxsplit=1)[0]
    with tarfile.open(folder / packed.stdout.strip()) as archive:

        def content(file: str) -> bytes:
            member = archive.extractfile(f"package/{file}")
            if member is None:
                raise FileNotFoundError(file)
            return member.read()

        for file in files:
            found = content(file)
            if file == KERN:
                found = cut(found.decode(), used_names()).encode()
            if file.endswith("leaflet.css"):
                found = compact(found.decode()).encode()
            yield f"{short}/{file.rsplit('/', maxsplit=1)[-1]}", found


def compact(css: str) -> str:
    """Return a style sheet without its comments and indents."""
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


if __name__ == "__main__":
    main()
