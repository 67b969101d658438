"""Texts of the information area: what of Markdown becomes marks of a page, and that nothing else does."""

from __future__ import annotations

import pytest

from api.pages.office.blocks import Block, blocks
from data.guidance_pages import guidance_pages, read_page


def plain(block: Block) -> list[str]:
    return ["".join(text for text, _ in line) for line in block.lines]


def test_text_becomes_blocks_and_stays_text() -> None:
    found = blocks("# Wer?\nDie ZFA.\n- eins\n- zwei\n\n<b>fett</b>\r\n\r\n#### klein")
    assert [(each.kind, plain(each), each.level) for each in found] == [
        ("heading", ["Wer?"], 3), ("paragraph", ["Die ZFA."], 0), ("list", ["eins", "zwei"], 0),
        ("paragraph", ["<b>fett</b>"], 0), ("heading", ["klein"], 4),
    ]  # fmt: skip


def test_lists_keep_what_is_indented_below_an_item() -> None:
    one, two = blocks("- **Frist**: zwei Tage,\n  nicht mehr\n- sonst\n\n1. erst\n   dies\n2. dann")
    assert (one.kind, plain(one)) == ("list", ["Frist: zwei Tage, nicht mehr", "sonst"])
    assert one.lines[0] == (("Frist", True), (": zwei Tage, nicht mehr", False))
    assert (two.kind, plain(two)) == ("numbered", ["erst dies", "dann"])


def test_tables_have_a_head() -> None:
    (table,) = blocks("| Stelle | Aufgabe |\n|---|---|\n| **ABH** | führt den Fall |")
    assert table.rows == (
        ((("Stelle", False),), (("Aufgabe", False),)),
        ((("ABH", True),), (("führt den Fall", False),)),
    )


@pytest.mark.parametrize(
    "text", ["3 ** 2 sind 9", "am 4. Mai", "-3 Grad", "a | b", "|", "**", "<b>x</b>", "12345. Anfrage", "-", "1."]
)
def test_what_is_no_markdown_stands_as_it_was_written(text: str) -> None:
    (block,) = blocks(text)
    assert (block.kind, plain(block)) == ("paragraph", [text])


def test_lines_that_somebody_typed_stay_lines() -> None:
    (block,) = blocks("ZAB Essen\r\nTelefon 1")
    assert plain(block) == ["ZAB Essen", "Telefon 1"]


def test_of_the_pages_that_ship_nothing_is_left_of_the_marks_or_of_the_width_of_a_file() -> None:
    for page in guidance_pages():
        found = blocks(page.body)
        told = " ".join(text for block in found for line in (*block.lines, *sum(block.rows, ())) for text, _ in line)
        assert "**" not in told
        assert "|" not in told
        assert all(len(block.lines) == 1 for block in found if block.kind == "paragraph"), page.slug
    body = read_page("x", "topic: a\norganisation: b\ntitle: c\n\neins\nzwei\n\n- drei\n  vier\n- fünf\n1. sechs").body
    assert body == "eins zwei\n\n- drei vier\n- fünf\n1. sechs"
