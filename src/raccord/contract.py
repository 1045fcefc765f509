"""The published contract: the OpenAPI documents, written from the code and frozen by a test."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from pydantic import SecretStr

from raccord.app import create_app
from raccord.kernel.openapi import Document
from raccord.settings import Settings


def make_documents() -> dict[str, Document]:
    """Make the documents by file name: the whole one, and one for code generators.

    Generators stumble on webhooks and on bodies and answers of several media types: theirs has none of these.
    """
    # Nothing is reached: the address is never opened, and no secret is in the document.
    settings = Settings(secret_key=SecretStr("-" * 32))
    whole: Document = create_app(settings, "postgresql+asyncpg://nobody@localhost/nothing").state.document
    plain = {name: part for name, part in copy.deepcopy(whole).items() if name != "webhooks"}
    for operation in (operation for item in plain["paths"].values() for operation in item.values()):
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            if "content" in part:
                part["content"] = dict([next(iter(part["content"].items()))])
    return {"raccord.v1.json": whole, "raccord.v1.codegen.json": plain}


def write_documents(folder: Path) -> list[Path]:
    """Write the documents."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, document in make_documents().items():
        path = folder / name
        path.write_text(render_document(document), encoding="utf-8")
        written.append(path)
    return written


def render_document(document: Document) -> str:
    """Render a document as the file holds it."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
