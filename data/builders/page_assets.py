"""Fetch what others wrote for the page (htmx, KERN, Leaflet) into ``api/static/vendor``, with licences and checksums.

The pages load nothing from elsewhere, so it ships with the project. KERN is cut to what the pages use: its utilities
and its grid are left out, and of its icons those named here stay; nothing else is changed. Run it by hand where a
version changes; needs npm. ``python -m data.builders.page_assets``
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

VENDOR = Path(__file__).parents[2] / "api" / "static" / "vendor"
PACKAGES: dict[str, tuple[str, ...]] = {
    "htmx.org@4.0.1": ("LICENSE", "dist/htmx.min.js", "dist/ext/hx-sse.min.js"),
    "leaflet@1.9.4": ("LICENSE", "dist/leaflet.js", "dist/leaflet.css"),
    "@kern-ux/native@2.7.2": (
        "LICENSE.md", "dist/kern.min.css", "dist/fonts/fira-sans/FiraSans-Regular.woff2",
        "dist/fonts/fira-sans/FiraSans-SemiBold.woff2", "dist/fonts/fira-sans/FiraSans-Bold.woff2",
    ),
}  # fmt: skip
"""Package with its version: files that are taken."""
ICONS = frozenset({
    "add", "arrow-back", "arrow-down", "arrow-forward", "arrow-up", "autorenew", "calendar-today", "check", "checklist",
    "chevron-left", "chevron-right", "close", "danger", "delete", "download", "edit", "help", "home", "info", "logout",
    "search", "success", "warning", "account-circle", "open-in-new",
})  # fmt: skip
CUT_NOTE = (
    "/* KERN, EUPL-1.2, without its utilities, its grid and unused icons; cut by data/builders/page_assets.py */\n"
)


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
    told = {"packages": sorted(PACKAGES), "sha256": dict(sorted(sums.items()))}
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
            if file == "dist/kern.min.css":
                parts = (content(f"dist/kern-{part}.min.css").decode() for part in ("utilities", "grid"))
                left_out = {block for part in parts for block in blocks(part)}
                found = (CUT_NOTE + cut(found.decode(), left_out)).encode()
            yield f"{short}/{file.rsplit('/', maxsplit=1)[-1]}", found


def cut(css: str, left_out: set[str]) -> str:
    """Return a minified style sheet without some of its blocks and without the icons that no page shows."""
    return "".join(
        block for block in blocks(css)
        if block not in left_out and not (
            (icon := re.match(r"\.kern-icon--([a-z-]+)\{", block)) and icon.group(1) not in ICONS
        )
    )  # fmt: skip


def blocks(css: str) -> Iterator[str]:
    """Yield the outermost blocks and statements of a minified style sheet, in their order."""
    depth, begin, at = 0, 0, 0
    while at < len(css):
        sign = css[at]
        if sign in "\"'":
            at += 1
            while css[at] != sign:
                at += 2 if css[at] == "\\" else 1
        depth += (sign == "{") - (sign == "}")
        if depth == 0 and sign in "};":
            yield css[begin : at + 1]
            begin = at + 1
        at += 1


if __name__ == "__main__":
    main()
