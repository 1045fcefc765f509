"""The rules between the parts of a spec: each gives a path within the stream, a code and a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from raccord.adapters.field_rules import OpenKind, find_missing, find_unknown_transforms, list_readers, list_told
from raccord.adapters.rest.spec import OAuth2Auth, RequestSpec, Spec, StreamSpec, WriteSpec
from raccord.adapters.rest.template import list_body_texts, list_names
from raccord.kernel.text import Text
from raccord.kernel.toml_lines import Path
from raccord.resources.transforms import TRANSFORMS

Found = tuple[Path, str, Text]
# What a call may know: `since` when it reads, the record when it writes.
READING_STATE = frozenset({"since"})
WRITING_STATE = frozenset({"id", "external_id", "version", "key"})


def check_spec(spec: Spec) -> Iterator[Found]:
    """Check what the types cannot say."""
    for path, text in _list_shared(spec):
        yield from _check_names(path, text, frozenset(), has_parent=False)
    if spec.receive is not None and all(stream.receive is None for stream in spec.streams.values()):
        message = Text("Aucun flux ne dit ce que les messages contiennent.", "No stream says what messages hold.")
        yield ("receive",), "no_stream", message
    for name, stream in spec.streams.items():
        for path, code, message in _check_stream(spec, name, stream):
            yield ("streams", name, *path), code, message


def _check_stream(spec: Spec, name: str, stream: StreamSpec) -> Iterator[Found]:
    is_parent = any(other.parent == name for other in spec.streams.values())
    yield from _check_role(spec, stream, is_parent=is_parent)
    yield from _check_texts(stream)
    yield from _check_cursor(stream)
    yield from _check_receive(spec, stream)
    if stream.kind is not None:
        yield from _check_map(stream, stream.kind)
        if stream.write is not None:
            yield from _check_write(stream.write, stream.kind)


def _check_role(spec: Spec, stream: StreamSpec, *, is_parent: bool) -> Iterator[Found]:
    if stream.parent is not None:
        parent = spec.streams.get(stream.parent)
        if parent is None or parent.request is None or parent.parent is not None:
            yield (
                ("parent",),
                "unknown_parent",
                Text("Un flux lu, et sans parent.", "A stream that is read, without a parent."),
            )
    if stream.request is None and stream.write is None and stream.receive is None:
        yield (), "no_call", Text(
            "Un flux a une lecture (request), une écriture (write) ou des messages (receive).",
            "A stream has a request, a write or messages (receive).",
        )  # fmt: skip
    is_bare = stream.write is None and stream.receive is None
    if stream.kind is None and not (is_parent and is_bare):
        yield ("kind",), "missing", Text("Champ obligatoire, sauf pour un parent.", "Required, but for a parent.")
    if stream.request is not None and stream.request.method == "GET" and getattr(stream.pages, "place", "") == "body":
        yield ("pages", "place"), "no_body", Text("Un GET n'a pas de corps.", "A GET has no body.")


def _check_texts(stream: StreamSpec) -> Iterator[Found]:
    """Check that only what is known at each place is substituted there."""
    places: list[tuple[Path, RequestSpec]] = []
    if stream.request is not None:
        places.append((("request",), stream.request))
    if stream.deletes.type == "deleted_endpoint":
        places.append((("deletes", "request"), stream.deletes.request))
    for path, request in places:
        for inner, text in _list_texts(request):
            known = frozenset() if inner == ("path",) else READING_STATE
            yield from _check_names((*path, *inner), text, known, has_parent=stream.parent is not None)
    if stream.write is not None:
        for inner, text in _list_written(stream.write):
            yield from _check_names(("write", *inner), text, WRITING_STATE, has_parent=False)


def _check_names(path: Path, text: str, known: frozenset[str], *, has_parent: bool) -> Iterator[Found]:
    for scope, name in list_names(text):
        if (scope == "state" and name not in known) or (scope == "parent" and not has_parent):
            here = ", ".join(f"{{state.{name}}}" for name in sorted(known)) or "—"
            yield path, "unknown_substitution", Text(
                f"{{{scope}.{name}}} n'est pas connu ici (état : {here}).",
                f"{{{scope}.{name}}} is not known here (state: {here}).",
            )  # fmt: skip


def _list_texts(request: RequestSpec) -> Iterator[tuple[Path, str]]:
    yield ("path",), request.path
    yield from ((("params", name), text) for name, text in request.params.items())
    yield from ((("headers", name), text) for name, text in request.headers.items())
    yield from ((("body",), text) for text in list_body_texts(request.body))


def _list_written(write: WriteSpec) -> Iterator[tuple[Path, str]]:
    for name, call in (("create", write.create), ("update", write.update), ("delete", write.delete)):
        if call is not None:
            yield (name, "path"), call.path
            yield from (((name, "params", key), text) for key, text in call.params.items())
            yield from (((name, "headers", key), text) for key, text in call.headers.items())
    if write.find is not None:
        yield ("find", "path"), write.find.path
        yield from ((("find", "params", key), text) for key, text in write.find.params.items())


def _check_cursor(stream: StreamSpec) -> Iterator[Found]:
    cursor = stream.cursor
    if cursor is None:
        return
    if cursor.type in ("datetime", "int") and cursor.field is None:
        yield ("cursor", "field"), "missing", Text("Champ obligatoire pour ce type.", "Required for this type.")
    if cursor.type == "opaque" and cursor.pointer is None:
        yield ("cursor", "pointer"), "missing", Text("Champ obligatoire pour ce type.", "Required for this type.")
    if cursor.type == "opaque" and cursor.lookback:
        yield ("cursor", "lookback"), "no_lookback", Text("Sans recul possible.", "Nothing can be looked back.")


def _check_receive(spec: Spec, stream: StreamSpec) -> Iterator[Found]:
    told = stream.receive
    if told is None:
        return
    if spec.receive is None:
        yield ("receive",), "no_proof", Text(
            "Des messages ne se lisent pas sans preuve : [receive] proof = ….",
            "Messages are not read without a proof: [receive] proof = ….",
        )  # fmt: skip
    if stream.parent is not None:
        yield ("parent",), "no_parent", Text("Un message ne dit pas de parent.", "A message names no parent.")
    for name, condition in (("when", told.when), ("gone", told.gone)):
        if condition is not None and (condition.pointer is None) is (condition.header is None):
            yield ("receive", name), "one_place", Text("pointer, ou header.", "Either pointer or header.")


def _check_map(stream: StreamSpec, kind: OpenKind) -> Iterator[Found]:
    known = list_readers(kind)
    for path, rule in stream.map.items():
        if path not in known:
            yield ("map", path), "unknown_field", Text(f"Champ absent de {kind}.", f"No such field in {kind}.")
        if rule.pointer is None and rule.default is None:
            yield ("map", path), "missing", Text("pointer ou default.", "pointer or default.")
        yield from _check_transforms(("map", path), rule.transforms)
    if stream.request is None and stream.receive is None:
        return
    for name in find_missing(kind, stream.map):
        yield ("map",), "unmapped_field", Text(f"{name} est obligatoire.", f"{name} is required.")


def _check_transforms(path: Path, names: list[str]) -> Iterator[Found]:
    if find_unknown_transforms(names):
        listed = ", ".join(TRANSFORMS)
        yield (*path, "transforms"), "unknown_transform", Text(f"Parmi : {listed}.", f"One of: {listed}.")


def _check_write(write: WriteSpec, kind: OpenKind) -> Iterator[Found]:
    known = list_told(kind)
    for pointer, sent in write.map.items():
        if sent.field is not None and sent.field not in known:
            yield (
                ("write", "map", pointer),
                "unknown_field",
                Text(f"Champ absent de {kind}.", f"No such field in {kind}."),
            )
        yield from _check_transforms(("write", "map", pointer), sent.transforms)
    create = write.create
    is_safe = write.idempotency_header is not None or write.find is not None
    if create is not None and create.method != "PUT" and not is_safe:
        yield ("write", "create"), "not_idempotent", Text(
            "Un envoi répété ferait un doublon : idempotency_header, find, ou PUT à une adresse en {state.id}.",
            "Sent twice it would be there twice: idempotency_header, find, or PUT at an address with {state.id}.",
        )  # fmt: skip


def _list_shared(spec: Spec) -> Iterator[tuple[Path, str]]:
    """List the texts that belong to no stream."""
    yield ("base_url",), spec.base_url
    yield from ((("headers", name), text) for name, text in spec.headers.items())
    if spec.check is not None:
        yield ("check", "path"), spec.check.path
    if isinstance(spec.auth, OAuth2Auth):
        for name in ("token_url", "scope", "audience", "realm"):
            if (text := getattr(spec.auth, name)) is not None:
                yield ("auth", name), text


def list_config_names(spec: Spec) -> set[str]:
    """List the names that the spec takes from the connection's `config`."""
    texts = [text for _, text in _list_shared(spec)]
    for stream in spec.streams.values():
        requests = [stream.request, stream.deletes.request if stream.deletes.type == "deleted_endpoint" else None]
        texts += [text for request in requests if request is not None for _, text in _list_texts(request)]
        texts += [text for _, text in _list_written(stream.write)] if stream.write is not None else []
    return {name for text in texts for scope, name in list_names(text) if scope == "config"}
