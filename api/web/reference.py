"""The OpenAPI document as a page to read: made on the server, without scripts, and nothing is loaded from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}
details{border:1px solid #767676;border-radius:4px;margin:.5rem 0;padding:.25rem .75rem}
summary{cursor:pointer;font-weight:600} summary code{font-weight:700}
pre{background:#f4f4f4;padding:.75rem;overflow:auto} code{font-family:ui-monospace,monospace}
table{border-collapse:collapse;width:100%;margin:.5rem 0} th,td{border:1px solid #b3b3b3;padding:.3rem .5rem;
text-align:left;vertical-align:top} caption{text-align:left;font-weight:600}
a{color:#003e8a} :focus-visible{outline:3px solid #003e8a;outline-offset:2px}
"""


def page(document: Mapping[str, Any], *, nonce: str) -> str:
    """Return the page; ``nonce`` lets its style through."""
    title = escape(f"{document['info']['title']} · API {document['info']['version']}")
    return "".join([
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<style nonce="{escape(nonce)}">{_STYLE}</style></head><body><main><h1>{title}</h1>',
        _prose(document["info"].get("description", "")),
        '<p><a href="/v1/openapi.json">The same as an OpenAPI document</a></p>',
        *_sections(document),
        *_schemas(document),
        "</main></body></html>",
    ])  # fmt: skip


def _sections(document: Mapping[str, Any]) -> Iterator[str]:
    tags = document.get("tags", [])
    links = "".join(f'<li><a href="#{_id(tag["name"])}">{escape(tag["name"])}</a></li>' for tag in tags)
    yield f'<nav aria-label="Parts"><ul>{links}</ul></nav>'
    for tag in tags:
        yield f'<section><h2 id="{_id(tag["name"])}">{escape(tag["name"])}</h2><p>{escape(tag["description"])}</p>'
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation.get("tags", ())[:1]:
                    yield from _operation(path, method, operation)
        yield "</section>"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    head = f"<code>{method.upper()} {escape(path)}</code> {escape(operation.get('summary', ''))}"
    yield f'<details id="op-{_id(operation["operationId"])}"><summary>{head}</summary>'
    yield _prose(operation.get("description", ""))
    parameters = operation.get("parameters", [])
    if parameters:
        rows = [
            (
                f"<code>{escape(each['name'])}</code>",
                escape(each["in"]) + (", needed" if each.get("required") else ""),
                escape(each.get("description", "")),
                f"<code>{escape(_type(each.get('schema', {})))}</code>",
            )
            for each in parameters
        ]
        yield _table("Parameters", ("Name", "Where", "What", "Type"), rows)
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body (<code>{escape(media)}</code>): {_named(content)}</p>{_example(content)}"
    answers = []
    for status, response in operation.get("responses", {}).items():
        contents = response.get("content", {})
        codes = [code for content in contents.values() for code in content.get("examples", {})]
        told = ", ".join(f"<code>{escape(code)}</code>" for code in codes)
        shown = "".join(_named(content) for media, content in contents.items() if "problem" not in media)
        answers.append((escape(status), escape(response.get("description", "")), told or shown))
    yield _table("Answers", ("Status", "Meaning", "Body, or codes of problems"), answers)
    for status, response in operation.get("responses", {}).items():
        if status.startswith("2"):
            yield from (_example(content) for content in response.get("content", {}).values())
    yield "</details>"


def _schemas(document: Mapping[str, Any]) -> Iterator[str]:
    yield '<section><h2 id="schemas">Bodies</h2>'
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield f'<details id="schema-{_id(name)}"><summary><code>{escape(name)}</code></summary>'
        yield _prose(schema.get("description", ""))
        required = schema.get("required", ())
        fields = [
            (
                f"<code>{escape(field)}</code>" + (" (needed)" if field in required else ""),
                f"<code>{escape(_type(each))}</code>",
                escape(each.get("description", "")),
            )
            for field, each in schema.get("properties", {}).items()
        ]
        yield _table("Fields", ("Field", "Type", "What"), fields) if fields else ""
        codes = ", ".join(f"<code>{escape(str(code))}</code>" for code in schema.get("enum", ()))
        yield f"<p>One of {codes}</p></details>" if codes else "</details>"
    yield "</section>"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", maxsplit=1)[-1]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(_type(each) for each in schema[key])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _named(content: Mapping[str, Any]) -> str:
    schema = content.get("schema", {})
    name = _type(schema)
    told = f"<code>{escape(name)}</code>"
    return f'<a href="#schema-{_id(name)}">{told}</a>' if "$ref" in schema else told


def _example(content: Mapping[str, Any]) -> str:
    if "example" not in content:
        return ""
    example = content["example"]
    text = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    return f'<pre tabindex="0">{escape(text)}</pre>'


def _table(caption: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _prose(text: str) -> str:
    """Return paragraphs, lists of ``-`` lines, and ```code``` of a description."""
    made = []
    for block in text.split("\n\n"):
        if not block.strip():
            continue
        lines = block.split("\n")
        if lines[0].startswith("- "):
            items = re.split(r"\n- ", block.removeprefix("- "))
            made.append("<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>")
        else:
            made.append(f"<p>{_inline(block)}</p>")
    return "".join(made)


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _id(text: str) -> str:
    return re.sub(r"\W+", "-", text)
