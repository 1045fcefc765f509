"""The file in which a person finds the demo's addresses, its clients and their secrets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

FILE_NAME = "demo-credentials.json"


def write_entries(path: Path, base_url: str, entries: Sequence[dict[str, object]]) -> None:
    """Write the clients' entries and where the API listens, readable by the file's owner alone."""
    content = {"base_url": base_url, "token_url": f"{base_url}/oauth/token", "clients": entries}
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def read_entries(path: Path) -> list[dict[str, object]]:
    """Read the clients' entries."""
    return list(json.loads(path.read_text("utf-8"))["clients"])
