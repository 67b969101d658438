"""Bodies of signing in, organisations, accounts and keys."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from api.db.tables import OrganisationKind
from api.schemas.base import Body, Id, Instant, Shown
from api.workflow import Action, Role

Line = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text, without control characters (PostgreSQL keeps no NUL)."""
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=False)]
"""A password as it was typed, blanks and all."""
Login = Annotated[str, StringConstraints(min_length=2, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$")]
OneOfRoles = Annotated[Role, Field(strict=False)]
OneOfKinds = Annotated[OrganisationKind, Field(strict=False)]

_EXAMPLE_ID = "01920a3c-7b1e-7cc3-9a41-5d0c8e2f6b10"
_EXAMPLE_AT = "2026-10-01T09:00:00Z"


class Credentials(Body):
    """What signs a local account in."""

    login: Annotated[Login, Field(description="As given out by the organisation.", examples=["zab-essen-lead-1"])]
    password: Annotated[Secret, Field(examples=["correct horse battery staple"])]


class NewPassword(Body):
    """A change of the own password."""

    current_password: Annotated[Secret, Field(examples=["correct horse battery staple"])]
    new_password: Annotated[
        Secret,
        Field(description="12 to 200 characters, without the login.", examples=["four other words together"]),
    ]  # fmt: skip


class OrganisationShown(Shown):
    """An organisation."""

    id: Annotated[uuid.UUID, Field(examples=[_EXAMPLE_ID])]
    code: Annotated[str, Field(description="Stable short name.", examples=["zab:essen"])]
    kind: Annotated[OrganisationKind, Field(examples=["zab"])]
    name: Annotated[str, Field(examples=["ZAB Essen"])]
    ags: Annotated[str | None, Field(description="Official municipality key of an ABH.", examples=["05113000"])]
    zab: Annotated[
        str | None,
        Field(description="ZAB of the catalogue that it is, or that its Bezirk belongs to.", examples=["essen"]),
    ]  # fmt: skip
    is_active: Annotated[bool, Field(description="Nobody of an inactive one can sign in.", examples=[True])]
    created_at: Annotated[datetime, Field(examples=[_EXAMPLE_AT])]
    updated_at: Annotated[datetime, Field(examples=[_EXAMPLE_AT])]


class OrganisationNew(Body):
    """A new organisation."""

    code: Annotated[
        str,
        Field(
            description="The kind, and after a colon what tells it from others of its kind.", max_length=60,
            pattern=r"^[a-z]+(:[a-z0-9][a-z0-9_-]*)?$", examples=["zab:essen"],
        ),
    ]  # fmt: skip
    kind: Annotated[OneOfKinds, Field(examples=["zab"])]
    name: Annotated[Line, Field(max_length=200, examples=["ZAB Essen"])]
    ags: Annotated[
        str | None,
        Field(description="Only for an ABH: its municipality key, or the first digits.", pattern=r"^05[0-9]{0,6}$"),
    ] = None  # fmt: skip
    zab: Annotated[
        str | None,
        Field(
            description="For a ZAB which one of the catalogue it is, for an ABH the one of its Bezirk.", max_length=60,
            pattern=r"^[a-z0-9:_-]+$", examples=["essen"],
        ),
    ] = None  # fmt: skip

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.code.split(":", maxsplit=1)[0] != self.kind.value:
            raise ValueError(f"expected a code that begins with the kind, {self.kind}")
        if self.ags is not None and self.kind is not OrganisationKind.ABH:
            raise ValueError("expected ags for the kind abh only")
        if self.kind is OrganisationKind.ZAB and self.zab is None:
            raise ValueError("expected zab for the kind zab")
        if self.zab is not None and self.kind not in {OrganisationKind.ABH, OrganisationKind.ZAB}:
            raise ValueError("expected zab for the kinds abh and zab only")
        return self


class OrganisationChange(Body):
    """What is to be changed of an organisation; what is left out stays."""

    name: Annotated[Line | None, Field(max_length=200, examples=["ZAB Essen"])] = None
    is_active: Annotated[bool | None, Field(examples=[False])] = None


class AccountShown(Shown):
    """An account: no name, only the login that the organisation gives out."""

    id: Annotated[uuid.UUID, Field(examples=[_EXAMPLE_ID])]
    login: Annotated[str, Field(examples=["zab-essen-lead-1"])]
    role: Annotated[Role, Field(examples=["zab_lead"])]
    organisation_id: Annotated[uuid.UUID, Field(examples=[_EXAMPLE_ID])]
    subject: Annotated[str | None, Field(description="Who the identity provider says it is.", examples=["8f14e45f"])]
    is_active: Annotated[bool, Field(examples=[True])]
    locked_until: Annotated[
        datetime | None, Field(description="After too many wrong passwords.", examples=[_EXAMPLE_AT])
    ]  # fmt: skip
    created_at: Annotated[datetime, Field(examples=[_EXAMPLE_AT])]
    updated_at: Annotated[datetime, Field(examples=[_EXAMPLE_AT])]


class AccountNew(Body):
    """A new account."""

    login: Annotated[
        Login, Field(description="No name of a person; kept in small letters.", examples=["zab-essen-lead-1"])
    ]  # fmt: skip
    role: Annotated[OneOfRoles, Field(description="One that fits the organisation's kind.", examples=["zab_lead"])]
    organisation_id: Annotated[Id, Field(examples=[_EXAMPLE_ID])]
    subject: Annotated[
        Line | None,
        Field(
            description="Who the identity provider says it is (its `sub`), where there is one; left out: it gets a "
            "password, shown once.",
            max_length=300, examples=[None],
        ),
    ] = None  # fmt: skip


class AccountMade(AccountShown):
    """A new account, and its password where it has one."""

    password: Annotated[
        str | None,
        Field(description="Shown this once; its owner changes it.", examples=["Zr2x0uJ3Kc9vQm1TfW8yLhNp"]),
    ] = None  # fmt: skip


class AccountChange(Body):
    """What is to be changed of an account; what is left out stays."""

    role: Annotated[OneOfRoles | None, Field(examples=["zab_dispatcher"])] = None
    is_active: Annotated[bool | None, Field(examples=[False])] = None
    subject: Annotated[
        Line | None,
        Field(
            description="Who the identity provider says it is (its `sub`): it signs in there from now on, and its "
            "password is gone.",
            max_length=300, examples=["8f14e45f"],
        ),
    ] = None  # fmt: skip


class PasswordShown(Shown):
    """A new password."""

    password: Annotated[
        str, Field(description="Shown this once; its owner changes it.", examples=["Zr2x0uJ3Kc9vQm1TfW8yLhNp"])
    ]  # fmt: skip


class OwnOrganisation(Shown):
    """The organisation of whoever calls."""

    id: Annotated[uuid.UUID, Field(examples=[_EXAMPLE_ID])]
    code: Annotated[str, Field(examples=["zab:essen"])]
    kind: Annotated[OrganisationKind, Field(examples=["zab"])]
    name: Annotated[str, Field(examples=["ZAB Essen"])]


class Me(Shown):
    """Who calls, and what it may do."""

    id: Annotated[uuid.UUID, Field(examples=[_EXAMPLE_ID])]
    login: Annotated[str, Field(examples=["zab-essen-lead-1"])]
    role: Annotated[Role, Field(examples=["zab_lead"])]
    language: Annotated[str, Field(examples=["de"])]
    must_change_password: Annotated[
        bool,
        Field(
            description="Somebody else gave the password: until it is changed (`/v1/me/password`) all else is refused.",
            examples=[False],
        ),
    ]
    organisation: OwnOrganisation
    may: Annotated[
        list[Action],
        Field(description="Actions on requests that the role has in some state.", examples=[["confirm", "counter"]]),
    ]  # fmt: skip


class KeyNew(Body):
    """A new API key."""

    label: Annotated[Line, Field(description="What it is for.", max_length=120, examples=["case system"])]
    expires_at: Annotated[
        Instant | None, Field(description="Within two years; left out: in 365 days.", examples=["2027-10-01T00:00:00Z"])
    ] = None  # fmt: skip


class KeyShown(Shown):
    """An API key, without its secret."""

    id: Annotated[uuid.UUID, Field(examples=[_EXAMPLE_ID])]
    account_id: Annotated[uuid.UUID, Field(examples=[_EXAMPLE_ID])]
    prefix: Annotated[str, Field(description="Its beginning, to tell it from others.", examples=["3f9a1c0b27de"])]
    label: Annotated[str, Field(examples=["case system"])]
    created_at: Annotated[datetime, Field(examples=[_EXAMPLE_AT])]
    expires_at: Annotated[datetime | None, Field(examples=["2027-10-01T00:00:00Z"])]
    revoked_at: Annotated[datetime | None, Field(examples=[None])]
    last_used_at: Annotated[datetime | None, Field(description="To the minute.", examples=[_EXAMPLE_AT])]


class KeyMade(KeyShown):
    """A new API key with its secret."""

    key: Annotated[
        str | None,
        Field(
            description="Send it as `Authorization: ApiKey …`. Shown once: absent where the call is repeated.",
            examples=["rp_3f9a1c0b27de_EXAMPLE"],
        ),
    ] = None  # fmt: skip
