"""Reading a file whole, and writing it whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from optimizer.errors import InputProblem, InputRejected


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file (a byte-order mark is dropped).

    Raises
    ------
    InputRejected
        The file is missing, unreadable, a folder, or not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        expected, got, action = "a file", "none there", "Check the path."
    except IsADirectoryError:
        expected, got, action = "a file", "a folder", "Name the file itself."
    except OSError as error:
        expected, got, action = "a readable file", error.strerror or str(error), "Check the rights to it."
    except UnicodeDecodeError as error:
        expected, got, action = (
            "UTF-8 text",
            f"a byte that is none at position {error.start}",
            "Save the file as UTF-8.",
        )
    problem = InputProblem(code="file", file=str(path), row=0, column="", expected=expected, got=got, action=action)
    raise InputRejected([problem])


def write_text(path: Path, text: str) -> None:
    """Write ``text`` so that others see the old file or the whole new one, never a part.

    The text goes to a neighbour of the target and takes its place by renaming. What is no regular file (a device, a
    pipe) is written to directly, since renaming would replace it.

    Raises
    ------
    OSError
        As the system says it; the target is then as it was.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_text(text, encoding="utf-8")
        return
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
