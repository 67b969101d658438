"""What is wrong with what was sent, in the language of the page: beside its field, in a box, or in a table of rows."""

from __future__ import annotations

from dataclasses import replace

from api.errors import FieldError, Problem
from api.fault_texts import parts_of
from api.pages.language import told_fault
from api.pages.view import View
from api.words import Language


def in_words(error: FieldError, language: Language) -> FieldError:
    """Return a fault with its texts in a language."""
    return replace(
        error, expected=told_fault(error.expected, language), got=told_fault(error.got, language),
        what_to_do=told_fault(error.what_to_do, language),
    )  # fmt: skip


def sentence(view: View, error: FieldError) -> str:
    """Return a fault as what stands beside its field: what was expected, and what to do."""
    said = in_words(error, view.language)
    expected = said.expected
    if view.language is Language.DE and expected and not expected.endswith("."):
        expected = f"Erwartet: {expected}"
    found = " ".join(each if each.endswith((".", "?")) else f"{each}." for each in (expected, said.what_to_do) if each)
    return found or view.say("Diese Angabe passt nicht. Bitte berichtigen.")


def by_path(view: View, problem: Problem | None) -> dict[str, str]:
    """Return what is wrong by path, ``pickup.latest``; of several fields at once by those that the fault names."""
    found: dict[str, str] = {}
    for each in () if problem is None else problem.errors:
        path = each.path.strip("/").replace("/", ".")
        if path:
            found.setdefault(path, sentence(view, each))
            continue
        for part in parts_of(each.expected):
            names, _, _ = part.partition(": expected")
            for name in names.split(", "):
                found.setdefault(name, sentence(view, replace(each, expected=part)))
    return found


def faults(view: View, problem: Problem | None) -> dict[str, str]:
    """Return what is wrong by the field of a form that it concerns."""
    found: dict[str, str] = {}
    for path, said in by_path(view, problem).items():
        found.setdefault(path.split(".")[0], said)
    return found
