"""Lists of codes in a document, and the categories of topics: what the columns of several kinds are made from."""

from __future__ import annotations

from collections.abc import Iterable

from raccord.kernel.strict_json import JsonObject


def list_codes(document: JsonObject, name: str) -> list[str] | None:
    """List the codes of a field; None where it says nothing."""
    codes = document.get(name)
    return [str(code) for code in codes] if isinstance(codes, list) else None


def list_categories(topics: Iterable[str] | None) -> list[str] | None:
    """List the categories of the topics, once each.

    Shape:  a topic is written `category--theme`.
    Source: data·inclusion schema v1.
    """
    return None if topics is None else list(dict.fromkeys(topic.partition("--")[0] for topic in topics))
