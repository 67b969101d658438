"""All settings as a table of Markdown: name in the environment, default, meaning. ``docs/service.md`` holds it."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from api.settings import Settings


def settings_table() -> str:
    """Return the table, a row for each setting, in the order of ``api.settings``."""
    prefix = str(Settings.model_config.get("env_prefix", ""))
    rows = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{prefix}{name.upper()}` | {_default(field)} | {field.description} |")
    return "\n".join(rows)


def _default(field: FieldInfo) -> str:
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value is None or not str(value):
        return "–"
    # As the environment is written, not as Python is.
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
