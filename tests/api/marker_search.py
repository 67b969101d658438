"""Looking for markers in whatever leaves the system, in whatever form: as text, in another code, packed."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, inspect


def forms(marker: str) -> frozenset[bytes]:
    """Return how a marker may look: as it is, in UTF-16, in hexadecimal digits, in base64 wherever it begins."""
    plain = marker.encode()
    found = {plain, plain.lower(), marker.encode("utf-16-le"), plain.hex().encode(), plain.hex().upper().encode()}
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        # The ends mix with what stands beside it.
        found.add(coded[4 if before else 0 : -4])
    return frozenset(found)


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yield content, and what lies in it where it is packed."""
    yield content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from unpacked(archive.read(name))
    elif content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    elif content[:1] == b"\x78":
        try:
            yield zlib.decompress(content)
        except zlib.error:
            return


def is_in(marker: str, content: bytes | str) -> bool:
    """Whether a marker stands in it, in any form."""
    whole = content.encode() if isinstance(content, str) else content
    return any(form in part for part in unpacked(whole) for form in forms(marker))


def database(engine: Engine) -> dict[str, bytes]:
    """Return all that the database keeps: on SQLite its files byte by byte, on PostgreSQL each table as COPY tells it.

    Packed documents stand in it unpacked as well.
    """
    found: dict[str, bytes] = {}
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        for each in file.parent.glob(f"{file.name}*"):
            found[each.name] = each.read_bytes()
    else:
        with engine.connect() as connection:
            raw = connection.connection.cursor()
            for table in inspect(engine).get_table_names():
                with raw.copy(f'COPY "{table}" TO STDOUT') as copy:
                    found[table] = b"".join(bytes(each) for each in copy)
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                packed = [each for each in row if isinstance(each, bytes | memoryview)]
                parts = [part for each in packed for part in unpacked(bytes(each))]
                found[f"{table} unpacked"] = found.get(f"{table} unpacked", b"") + b"\n".join(parts)
    return found
