"""Write the pages that are made from the code: docs/errors.md and docs/settings.md. A test holds them in step."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from raccord.kernel.errors import list_error_classes
from raccord.settings import Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
NOTE = "Made from the code by `python scripts/write_docs.py`; a test holds it in step.\n"

ERRORS = f"""# Errors

{NOTE}
Every error is a problem (RFC 9457, `application/problem+json`): a stable `code`, a title, a detail and a remedy in
French, or in English by `Accept-Language`, the request's id, and one entry in `errors` for each field at fault
(`pointer`, `parameter` or `header`, a `code`, a message; never the value). Its `type` is the address of its page,
`/problems/{{code}}`. Write code against `status` and `code`; show `title` and `remedy` to people. The token endpoints
answer the errors of RFC 6749 instead (`error`, `error_description`).

| Status | Code | Title (fr) | Title (en) | When | What to do (fr) | What to do (en) |
|---|---|---|---|---|---|---|
"""

SETTINGS = f"""# Settings

{NOTE}
Each is an environment variable. A wrong one stops the command with one line that names it, and never its value.
Durations and sizes end in their unit.

| Variable | Type | Default | Meaning |
|---|---|---|---|
"""


def main() -> None:
    """Write both pages."""
    for name, text in render_pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")


def render_pages() -> dict[str, str]:
    """Render the pages by file name."""
    return {"errors.md": render_errors(), "settings.md": render_settings()}


def render_errors() -> str:
    """Render the table of errors."""
    rows = [
        [
            str(error.status),
            f"`{error.code}`",
            error.title.fr,
            error.title.en,
            inspect.getdoc(error) or "",
            error.remedy.fr,
            error.remedy.en,
        ]
        for error in list_error_classes()
    ]
    return ERRORS + render_rows(rows)


def render_settings() -> str:
    """Render the table of settings."""
    rows = [
        [f"`RACCORD_{name.upper()}`", describe_type(field), describe_default(field), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return SETTINGS + render_rows(rows)


def describe_type(field: FieldInfo) -> str:
    """Say the type in words, with its bounds."""
    words = re.sub(r"<class '(?:\w+\.)*(\w+)'>", r"\1", str(field.annotation))
    words = re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", words)
    signs = {"ge": "≥", "le": "≤", "min_length": "length ≥"}
    bounds = [
        f"{sign} {getattr(rule, name)}"
        for rule in field.metadata
        for name, sign in signs.items()
        if getattr(rule, name, None) is not None
    ]
    return ", ".join([words.replace(" | None", ""), *bounds]).replace("|", "or")


def describe_default(field: FieldInfo) -> str:
    """Say the default."""
    if field.default is None or field.default is PydanticUndefined:
        return "—"
    return f"`{field.default}`"


def render_rows(rows: list[list[str]]) -> str:
    """Render the rows of a table."""
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)


if __name__ == "__main__":
    main()
