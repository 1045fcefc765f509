"""Structured logs that cannot tell secrets.

Fields are chosen, messages of exceptions are not written, and what still looks like a token, an e-mail address or a
social-security number is masked before it leaves.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping

import structlog

_GAP = r"[ .\u00a0\u202f-]?"
_NIR = re.compile(
    rf"(?i)(?<![0-9a-f])[1-478]{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}(?:[0-9]{{2}}|2[AB])"
    rf"{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}(?:{_GAP}[0-9]{{2}})?(?![0-9a-f])"
)
_TOKEN = re.compile(r"(?i)rac_[a-z]{2}_[A-Za-z0-9_-]+|(?:bearer|basic)\s+\S+")
_ADDRESS = re.compile(r"(?<=://)[^/@\s]{1,256}:[^/@\s]{1,256}@|[^\s@<>\"(),:;/]{1,64}@[\w.-]+")
# A social-security number may come as a number.
_LARGEST_NUMBER = 10**12
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)


def _write_json(event: object, **_options: object) -> str:
    return _ENCODER.encode(event)


def configure_logs(level: str) -> None:
    """Send every log line to standard error as JSON, ours and the libraries' alike."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask_secrets,
            structlog.processors.JSONRenderer(_write_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = _LibraryHandler()
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # These write whole tokens, addresses with their queries, or SQL parameters when asked for more.
    for name in (
        "authlib",
        "httpx",
        "httpcore",
        "sqlalchemy",
        "asyncpg",
        "uvicorn.access",
        "psycopg",
        "procrastinate",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def mask_secrets(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Mask in the line, at any depth, what looks like a secret or a personal identifier."""
    for key, value in event.items():
        event[key] = _mask(value)
    return event


def _mask(value: object) -> object:
    if isinstance(value, str):
        masked = _NIR.sub("[masked]", _TOKEN.sub("[masked]", value))
        return _ADDRESS.sub("[masked]", masked) if "@" in masked else masked
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LARGEST_NUMBER else _mask(str(value))
    if isinstance(value, Mapping):
        return {str(_mask(key)): _mask(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(inner) for inner in value]
    return _mask(repr(value))


def describe_exception(error: BaseException) -> dict[str, object]:
    """Return the type and the places of an exception, without its message: it may quote data."""
    frames = traceback.extract_tb(error.__traceback__)
    cause = error.__cause__ or error.__context__
    return {
        "error_type": type(error).__name__,
        "error_cause": type(cause).__name__ if cause else None,
        "sqlstate": getattr(getattr(error, "orig", error), "sqlstate", None),
        "places": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
    }


class _LibraryHandler(logging.Handler):
    """Carry the libraries' own log records into ours, less their exception texts."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        details = describe_exception(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        log.log(record.levelno, record.getMessage(), logger=record.name, **details)
