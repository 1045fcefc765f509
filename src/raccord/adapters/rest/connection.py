"""What a connection of the adapter is made of: settings, secrets, and the place where a walk stands."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AwareDatetime, Field, SecretStr, StringConstraints, model_validator

from raccord.adapters.rest.parse import MAX_BYTES, SpecRefused, list_missing_config, parse_spec
from raccord.adapters.rest.spec import Spec
from raccord.kernel.shapes import Shape, explain_refusal

ConfigName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,40}$")]
ConfigValue = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=500)]


# Whoever guesses it writes in the source's name.
MIN_RECEIVE_KEY = 16


class RestSettings(Shape):
    """The spec, and what it leaves to each connection."""

    spec: str = Field(description="Description de l'API, en TOML (64 Ko au plus).", max_length=MAX_BYTES)
    config: dict[ConfigName, ConfigValue] = Field(
        {}, description="Valeurs de {config.x} dans la description ; rien de secret.", max_length=50
    )

    @property
    def parsed(self) -> Spec:
        """The spec."""
        return parse_spec(self.spec)

    @model_validator(mode="after")
    def check_spec(self) -> Self:
        """Check the spec, and that nothing it substitutes is missing.

        Errors: invalid_spec, missing_config.
        """
        try:
            missing = list_missing_config(self.parsed, self.config)
        except SpecRefused as refused:
            raise explain_refusal("invalid_spec", refused.text.fr, refused.text.en) from None
        if missing:
            names = ", ".join(missing)
            raise explain_refusal("missing_config", f"Manquent dans config : {names}.", f"Missing in config: {names}.")
        return self


class RestSecrets(Shape):
    """What opens the tool; which of them are needed depends on the spec's `auth`."""

    key: SecretStr | None = Field(None, description="Clé ou jeton (api_key, bearer).", max_length=4_000)
    username: SecretStr | None = Field(None, description="Identifiant (basic).", max_length=500)
    password: SecretStr | None = Field(None, description="Mot de passe (basic).", max_length=500)
    client_id: SecretStr | None = Field(None, description="Identifiant du client (oauth2_cc).", max_length=500)
    client_secret: SecretStr | None = Field(None, description="Secret du client (oauth2_cc).", max_length=4_000)
    receive_key: SecretStr | None = Field(
        None, description="Secret dont l'outil signe ses messages, ou jeton qu'il y joint.",
        min_length=MIN_RECEIVE_KEY, max_length=4_000,
    )  # fmt: skip
    receive_key_before: SecretStr | None = Field(
        None, description="Le même, d'avant : accepté aussi, le temps d'en changer.",
        min_length=MIN_RECEIVE_KEY, max_length=4_000,
    )  # fmt: skip


class RestCursor(Shape):
    """Where a walk stands: in which step, on which page; and from which marks the next one goes.

    Shape: `step` is null between two walks. `marks` are where this walk began and `next_marks` where the next begins,
           by stream, for tools that count positions.
    """

    step: str | None = Field(None, description="Étape du parcours.", max_length=60)
    position: str | int | None = Field(None, description="Page suivante.")
    since: AwareDatetime | None = Field(None, description="Début de la période demandée.")
    marks: dict[str, str] = Field({}, description="Positions de départ, par flux.")
    next_marks: dict[str, str] = Field({}, description="Positions du prochain parcours, par flux.")
    skipped_count: int = Field(0, description="Fiches laissées, parce que Raccord les a écrites.")
