"""What the API takes and shows of connections, their runs, and what was set aside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from raccord.kernel.shapes import Instant, Name, Shape
from raccord.kernel.shapes import explain_refusal as explain
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.sync.connections import ConnectionState, Direction, DriftPolicy, check_schedule

# The longest spec of `rest`, 64 KB, has room even where half of it is quotes.
MAX_SETTINGS_BYTES = 100_000


def _check_size(value: dict[str, object]) -> dict[str, object]:
    if len(dump_json(cast("JsonObject", value))) > MAX_SETTINGS_BYTES:
        raise explain("settings_too_large", "100 Ko au plus.", "100 KB at most.")
    return value


def _check_schedule(value: str) -> str:
    try:
        check_schedule(value)
    except OverflowError:
        raise explain("schedule_too_often", "Toutes les cinq minutes au plus.", "Every five minutes at most.") from None
    except (ValueError, KeyError):
        raise explain(
            "schedule_unreadable", "Cinq champs de cron attendus.", "Five cron fields are expected."
        ) from None
    return value


Settings = Annotated[dict[str, object], AfterValidator(_check_size)]
SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Secrets = Annotated[dict[SecretName, Secret], Field(max_length=20)]
Schedule = Annotated[str, StringConstraints(min_length=9, max_length=100), AfterValidator(_check_schedule)]
AdapterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]

_NAME = "Nom de la connexion, unique pour votre source."
_DIRECTION = "Sens : pull (l'outil vers Raccord), push, ou both."
_SETTINGS = "Réglages, de la forme que l'adaptateur annonce (`/v1/adapters`)."
_SECRETS = "Secrets, de la forme que l'adaptateur annonce. Jamais relus."
_SCHEDULE = "Cron à cinq champs, en UTC ; null : à la demande seulement."
_DRIFT = "Devant un champ ou un code inconnu : le garder dans extensions, arrêter, mettre la fiche de côté, l'omettre."
_LOOK_BACK = "Relecture avant le dernier point atteint, en secondes."
_RECONCILE = "Une passe complète toutes les N synchronisations ; 0 : jamais."


class ConnectionInput(Shape):
    """A connection to a tool: which adapter, with which settings and secrets, how often."""

    name: Name = Field(description=_NAME)
    adapter: AdapterName = Field(description="Adaptateur, parmi `/v1/adapters`.")
    direction: Direction = Field("pull", description=_DIRECTION)
    settings: Settings = Field(description=_SETTINGS)
    secrets: Secrets = Field({}, description=_SECRETS, json_schema_extra={"writeOnly": True})
    schedule: Schedule | None = Field(None, description=_SCHEDULE)
    drift_policy: DriftPolicy = Field("accept", description=_DRIFT)
    look_back_s: int = Field(600, description=_LOOK_BACK, ge=0, le=604_800)
    reconcile_every: int = Field(24, description=_RECONCILE, ge=0, le=10_000)


class Checkpoint(Shape):
    """From where the next incremental run goes."""

    cursor: Settings | None = Field(None, description="Position, de la forme que l'adaptateur annonce.")
    since: Instant | None = Field(None, description="Dernier instant de mise à jour vu, à l'horloge de l'outil.")


class ConnectionEdit(Shape):
    """What may be changed of a connection."""

    name: Name = Field(description=_NAME)
    direction: Direction = Field(description=_DIRECTION)
    settings: Settings = Field(description=_SETTINGS)
    secrets: Secrets | None = Field(
        None, description="Nouveaux secrets, tous à la fois ; absents, ceux d'avant restent.",
        json_schema_extra={"writeOnly": True},
    )  # fmt: skip
    schedule: Schedule | None = Field(None, description=_SCHEDULE)
    drift_policy: DriftPolicy = Field(description=_DRIFT)
    look_back_s: int = Field(description=_LOOK_BACK, ge=0, le=604_800)
    reconcile_every: int = Field(description=_RECONCILE, ge=0, le=10_000)
    state: Literal["active", "paused"] = Field("active", description="active, ou paused : plus rien ne part seul.")
    checkpoint: Checkpoint = Field(description="Point de reprise ; null à l'un et à l'autre : tout relire.")


class ConnectionStatus(Shape):
    """A connection. Its secrets are never shown, only which ones are set."""

    id: UUID = Field(description="Identifiant de la connexion.")
    name: str = Field(description=_NAME)
    adapter: str = Field(description="Adaptateur.")
    source: str = Field(description="Source des fiches : la vôtre.")
    direction: Direction = Field(description=_DIRECTION)
    settings: dict[str, object] = Field(description=_SETTINGS)
    secret_names: list[str] = Field(description="Secrets enregistrés : leurs noms seuls.")
    schedule: str | None = Field(description=_SCHEDULE)
    drift_policy: DriftPolicy = Field(description=_DRIFT)
    look_back_s: int = Field(description=_LOOK_BACK)
    reconcile_every: int = Field(description=_RECONCILE)
    state: ConnectionState = Field(description="État ; hors d'active, rien ne part seul.")
    checkpoint: Checkpoint = Field(description="Point de reprise.")
    next_run_at: datetime | None = Field(description="Prochaine synchronisation prévue (UTC).")
    version: int = Field(description="Version ; l'ETag en est tiré.")
    created_at: datetime = Field(description="Instant de création (UTC).")
    updated_at: datetime = Field(description="Instant du dernier changement (UTC).")


class ConnectionPage(Shape):
    """A page of connections."""

    data: list[ConnectionStatus] = Field(description="Connexions, dans l'ordre de leur création.")
    next_cursor: str | None = Field(description="null à la dernière page.")


class RunOrder(Shape):
    """What sort of run is asked for."""

    mode: Literal["incremental", "full", "reconcile", "dry_run"] = Field(
        "incremental",
        description="incremental : ce qui a changé ; full, reconcile : tout ; dry_run : rien n'est gardé.",
    )


class ReplayOrder(Shape):
    """Which records are replayed."""

    ids: list[UUID] | None = Field(
        None, description="Fiches mises de côté, celles-là seules ; absent : toutes.", min_length=1, max_length=1_000
    )


class RunFailure(Shape):
    """Why a run failed as a whole."""

    code: str = Field(description="Code stable.")
    message: str = Field(description="Explication, pour une personne.")


class RunProof(Shape):
    """Whether a part of the tool was seen whole; if not, nothing of it is deleted."""

    kind: str = Field(description="Genre de fiches.")
    part: str = Field(description="Partie de l'outil ; vide pour le tout.")
    is_proven: bool = Field(description="La partie a-t-elle été vue en entier ?")
    reason: str | None = Field(description="Sinon, pourquoi (code stable).")


class FieldDifference(Shape):
    """How a field would change; without values for personal kinds."""

    name: str = Field(description="Champ.")
    before: str | int | float | bool | None = Field(description="Valeur présente ; un objet est donné en texte.")
    after: str | int | float | bool | None = Field(description="Valeur à venir.")


class RecordDifference(Shape):
    """What would become of a record."""

    kind: str = Field(description="Genre de fiches.")
    external_id: str = Field(description="Identifiant dans l'outil.")
    status: str = Field(description="created, updated, deleted ou rejected.")
    code: str | None = Field(description="Motif de rejet (code stable).")
    pointer: str | None = Field(description="Champ en cause (JSON Pointer).")
    fields: list[FieldDifference] = Field(description="Champs changés.")


class RunStatus(Shape):
    """A run: how far it got, and what became of the records."""

    id: UUID = Field(description="Identifiant de la synchronisation.")
    connection_id: UUID = Field(description="Connexion.")
    mode: Literal["incremental", "full", "reconcile", "dry_run", "replay", "receive"] = Field(
        description="Ce qui est demandé ; receive : prendre les messages que l'outil a envoyés."
    )
    walk_mode: Literal["full", "incremental"] | None = Field(description="Ce qui est lu de l'outil.")
    state: Literal["pending", "running", "waiting", "asking", "completed", "failed"] = Field(
        description="État ; waiting : l'outil fait attendre ; asking : des suppressions attendent votre décision."
    )
    total: int | None = Field(description="Combien l'outil dit en avoir.")
    seen_count: int = Field(description="Fiches vues.")
    created_count: int = Field(description="Fiches créées.")
    updated_count: int = Field(description="Fiches mises à jour.")
    unchanged_count: int = Field(description="Fiches inchangées.")
    rejected_count: int = Field(description="Fiches mises de côté.")
    deleted_count: int = Field(description="Fiches supprimées.")
    pushed_count: int = Field(description="Changements dits à l'outil.")
    seen_per_s: float = Field(description="Allure, en fiches par seconde.")
    checkpoint_before: Checkpoint | None = Field(description="D'où la passe est partie.")
    cursor: dict[str, object] | None = Field(description="Où elle en est.")
    proof: list[RunProof] = Field(description="Ce qui a été vu en entier.")
    drifts: dict[str, int] = Field(description="Champs et codes inconnus, et combien de fois.")
    pending_deletions_count: int = Field(description="Suppressions qui attendent une décision.")
    differences: list[RecordDifference] = Field(description="Les cent premières différences d'un dry_run.")
    failure: RunFailure | None = Field(description="Pourquoi elle a échoué en entier.")
    created_at: datetime = Field(description="Instant de la demande (UTC).")
    started_at: datetime | None = Field(description="Instant du début (UTC).")
    resume_at: datetime | None = Field(description="Instant de la reprise, si l'outil fait attendre (UTC).")
    finished_at: datetime | None = Field(description="Instant de la fin (UTC).")


class RunPage(Shape):
    """A page of runs, the newest first."""

    data: list[RunStatus] = Field(description="Synchronisations, la dernière d'abord.")
    next_cursor: str | None = Field(description="null à la dernière page.")


class MessageReceipt(Shape):
    """A message that was taken in: it is written within seconds."""

    id: UUID = Field(description="Identifiant du message.")


class DeletionDecision(Shape):
    """What becomes of deletions: those that wait are made or dropped, those that a run made are undone."""

    decision: Literal["confirm", "keep", "undo"] = Field(
        description="confirm : supprimer ; keep : garder, jusqu'à ce que l'outil les montre de nouveau ; "
        "undo : rétablir, dans les sept jours."
    )


class SetAside(Shape):
    """A record that was set aside, why, and what to do about it. The value at fault is not repeated."""

    id: UUID = Field(description="Identifiant du rejet.")
    run_id: UUID = Field(description="Dernière synchronisation qui l'a rejetée.")
    kind: str = Field(description="Genre de fiches.")
    external_id: str = Field(description="Identifiant dans l'outil, ou empreinte de ce qui n'en a pas.")
    code: str = Field(description="Code stable du motif.")
    pointer: str | None = Field(description="Champ en cause (JSON Pointer).")
    message: str = Field(description="Explication, pour une personne.")
    remedy: str = Field(description="Ce qu'il faut faire.")
    is_replayable: bool = Field(
        description="Ce qui a été reçu est encore gardé (scellé, 30 jours), et peut être rejoué."
    )
    created_at: datetime = Field(description="Instant du premier rejet (UTC).")
    seen_at: datetime = Field(description="Instant du dernier rejet (UTC).")


class SetAsidePage(Shape):
    """A page of what was set aside, the oldest first."""

    data: list[SetAside] = Field(description="Fiches mises de côté, la plus ancienne d'abord.")
    next_cursor: str | None = Field(description="null à la dernière page.")


class AdapterStatus(Shape):
    """An adapter: what it connects, what it can do, and the shapes of what it asks for."""

    name: str = Field(description="Nom, pour `adapter` d'une connexion.")
    title: str = Field(description="Nom de l'outil.")
    description: str = Field(description="Ce qu'il relie.")
    reads: list[str] = Field(description="Genres de fiches lus de l'outil.")
    writes: list[str] = Field(description="Genres de fiches dits à l'outil.")
    capabilities: list[str] = Field(description="Ce qu'il sait faire.")
    auth: list[str] = Field(description="Façons de s'authentifier auprès de l'outil.")
    tier: str | None = Field(description="Échelle de qualité : bronze, silver, gold.")
    settings_schema: dict[str, object] = Field(description="Forme des réglages (JSON Schema).")
    secrets_schema: dict[str, object] = Field(description="Forme des secrets (JSON Schema).")
    cursor_schema: dict[str, object] = Field(description="Forme de la position (JSON Schema).")


class AdapterPage(Shape):
    """Every adapter."""

    data: list[AdapterStatus] = Field(description="Adaptateurs.")
    next_cursor: str | None = Field(description="Toujours null.")
