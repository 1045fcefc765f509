"""The texts that a spec is made of: pointers, templates, names of headers and parameters."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from raccord.adapters.rest.template import check_template

Pointer = Annotated[str, StringConstraints(pattern=r"^(?:/(?:[^/~\x00-\x1f]|~[01])*)*$", max_length=255)]
FieldPointer = Annotated[str, StringConstraints(pattern=r"^(?:/(?:[^/~\x00-\x1f]|~[01])+)+$", max_length=255)]
Template = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(check_template)]
Token = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")]
Parameter = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f&=#?{}]{1,100}$")]
Templates = Annotated[dict[Parameter, Template], Field(max_length=50)]
HeaderTemplates = Annotated[dict[Token, Template], Field(max_length=50)]
StreamName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Status = int | Annotated[str, StringConstraints(pattern=r"^[1-5][0-9]{2}-[1-5][0-9]{2}$")]
