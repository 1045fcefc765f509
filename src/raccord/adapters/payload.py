"""The base of what a tool sends, typed as received: what it adds one day is kept."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Payload(BaseModel):
    """What a tool sends: types are checked as its documentation gives them, unknown fields are let through."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)
