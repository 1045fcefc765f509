"""The tool, called as the spec says: credentials, budget, rules, and one call with its substitutions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from raccord.adapters.contract import Broken, CredentialsRefused, Equipment
from raccord.adapters.rest.connection import RestSecrets, RestSettings
from raccord.adapters.rest.patterns import Status
from raccord.adapters.rest.spec import OAuth2Auth, RequestSpec, RuleSpec, Spec
from raccord.adapters.rest.template import Values, fill, fill_body, fill_headers, fill_map, fill_path
from raccord.kernel.outbound import Authorise, Remote, Reply
from raccord.kernel.outgoing_credentials import (
    TOKEN_RULES,
    ClientCredentials,
    send_basic,
    send_header,
    send_parameter,
)
from raccord.kernel.refusals import JsonValue
from raccord.kernel.remote_hosts import Budget
from raccord.kernel.response_rules import Action, Rule, Wait, on
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

# What an answer to a write says of the record, and not of the connection.
_ABOUT_THE_RECORD = Rule(Action.RETURN, on(400, 404, 409, 410, 412, 422))


@dataclass(frozen=True)
class Place:
    """What the pages add to a call: where it goes, and with what."""

    url: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, JsonValue] = field(default_factory=dict)


def list_urls(settings: RestSettings) -> Iterator[str]:
    """List the addresses that a connection calls, without those in which a value cannot stand."""
    spec, values = settings.parsed, Values(config=settings.config)
    texts = [spec.base_url, *([spec.auth.token_url] if isinstance(spec.auth, OAuth2Auth) else [])]
    for text in texts:
        with suppress(Broken):
            yield fill_path(text, values)


class Client:
    """The calls of one connection."""

    def __init__(self, given: Equipment) -> None:
        settings = given.settings_as(RestSettings)
        self.spec = settings.parsed
        self.values = Values(config=settings.config)
        authorise = _make_authorise(given, self.spec, self.values)
        self.reading = given.outbound.reach(
            fill_path(self.spec.base_url, self.values),
            budget=_make_budget(self.spec),
            rules=[_make_rule(rule) for rule in self.spec.rules],
            authorise=authorise,
            headers=fill_headers(self.spec.headers, self.values),
        )
        self.writing: Remote = replace(self.reading, rules=(*self.reading.rules, _ABOUT_THE_RECORD))

    def write_url(self, path: str, values: Values) -> str:
        """Write the whole address of a path; a path cannot lead to another host."""
        base = str(self.reading.base_url.copy_with(query=None, fragment=None)).rstrip("/")
        return f"{base}/{fill_path(path, values).lstrip('/')}"

    async def read(self, request: RequestSpec, values: Values, place: Place, *, is_json: bool) -> Reply:
        """Make a call that reads; whatever its method, it does no harm twice.

        Errors: TryLater, CredentialsRefused, Broken.
        """
        params = {**fill_map(request.params, values), **place.params} if place.url is None else {}
        body: JsonValue = None
        if request.method == "POST":
            filled = fill_body(dict(request.body or {}), values)
            body = {**(filled if isinstance(filled, dict) else {}), **place.body}
        return await self.reading.call(
            request.method,
            place.url or self.write_url(request.path, values),
            params=params,
            headers={**fill_headers(request.headers, values), **place.headers},
            json_body=body,
            is_json=is_json,
            may_repeat=True,
        )


def _make_authorise(given: Equipment, spec: Spec, values: Values) -> Authorise | None:
    secrets, auth = given.secrets_as(RestSecrets), spec.auth
    match auth.type:
        case "none":
            return None
        case "api_key":
            value = auth.prefix + _open_key(secrets)
            return send_header(auth.name, value) if auth.place == "header" else send_parameter(auth.name, value)
        case "basic":
            return send_basic(_open("username", secrets.username), _open("password", secrets.password))
        case "bearer":
            return send_header("authorization", f"Bearer {_open_key(secrets)}")
        case "oauth2_cc":
            return _make_oauth2(given, spec, auth, values)


def _make_oauth2(given: Equipment, spec: Spec, auth: OAuth2Auth, values: Values) -> Authorise:
    secrets = given.secrets_as(RestSecrets)
    url = fill_path(auth.token_url, values)
    if auth.realm is not None:
        # France Travail's way: the realm is a parameter of the address.
        url += ("&" if "?" in url else "?") + "realm=" + fill_path("{state.realm}", _name("realm", auth.realm, values))
    form = {name: fill(text, values) for name, text in (("scope", auth.scope), ("audience", auth.audience)) if text}
    credentials = ClientCredentials(
        given.outbound.reach(url, budget=_make_budget(spec), rules=TOKEN_RULES),
        _open("client_id", secrets.client_id),
        _open("client_secret", secrets.client_secret),
        {name: value for name, value in form.items() if value is not None},
        given.now,
    )
    return credentials.authorise


def _name(name: str, text: str, values: Values) -> Values:
    return Values(state={name: fill(text, values) or ""})


def _open(name: str, secret: SecretStr | None) -> str:
    if secret is None:
        raise CredentialsRefused(f"the secret {name} is missing")
    value = secret.get_secret_value()
    if not value.isprintable() or not value:
        raise CredentialsRefused(f"the secret {name} is not one line of text")
    return value


def _open_key(secrets: RestSecrets) -> str:
    value = _open("key", secrets.key)
    if not value.isascii():
        raise CredentialsRefused("the secret key holds what no header can")
    return value


def _make_budget(spec: Spec) -> Budget:
    return Budget(spec.budget.calls, spec.budget.per_s, spec.budget.concurrency)


def _make_rule(rule: RuleSpec) -> Rule:
    wait = rule.wait
    return Rule(
        Action(rule.action),
        tuple(_read_range(status) for status in rule.statuses),
        text=rule.text,
        pointer=rule.pointer,
        values=frozenset(rule.values),
        has_header=rule.has_header.lower() if rule.has_header is not None else None,
        wait=Wait(wait.first_s, wait.growth, wait.header.lower() if wait.header else None, wait.is_instant),
        attempts=rule.attempts,
    )


def _read_range(status: Status) -> tuple[int, int]:
    if isinstance(status, int):
        return status, status
    low, _, high = status.partition("-")
    return int(low), int(high)


def read_object(reply: Reply) -> JsonObject:
    """Read the object of an answer to a write; an empty one where there is none."""
    try:
        value = reply.json if reply.content else None
    except (ValueError, RecursionError):
        raise Broken(Text("La réponse n'est pas du JSON.", "The answer is not JSON.")) from None
    return value if isinstance(value, dict) else {}
