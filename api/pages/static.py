"""Files that ship: style sheets, scripts, fonts. Their address holds a checksum, so browsers keep them for good."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.errors import not_found
from api.pages.view import STATIC, static_address

router = APIRouter()
_KINDS = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".json": "application/json"}
_FILES = {
    path.relative_to(STATIC).as_posix()
    for path in STATIC.rglob("*")
    if path.suffix in {*_KINDS, ".svg", ".png", ".geojson"}
}


@router.get("/favicon.ico", include_in_schema=False)
def icon() -> FileResponse:
    """Return the icon where browsers look for one by themselves."""
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


@router.get("/static/{checksum}/{name:path}", include_in_schema=False)
def file(checksum: str, name: str) -> FileResponse:
    """Return a file; only those that were there at the start, by their name, and only in their present form."""
    is_named_by_a_style = checksum == "vendor"
    if is_named_by_a_style:
        name = f"vendor/{name}"
    if name not in _FILES or not (is_named_by_a_style or static_address(name) == f"/static/{checksum}/{name}"):
        raise not_found("a file")
    path = STATIC / name
    kind = _KINDS.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    lasts = "max-age=86400" if is_named_by_a_style else "max-age=31536000, immutable"
    return FileResponse(path, media_type=kind, headers={"Cache-Control": f"public, {lasts}"})
