"""What is sent to and answered by the addresses of one's own account."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class Proof(BaseModel):
    """A second factor: `code` as it is shown or printed, or `answer` of a key with its `challenge`; then on to `next`."""

    code: str = Field("", max_length=40, title="認証コード、または回復用コード")
    answer: str = Field("", max_length=20_000, title="機器の答え（WebAuthn の JSON）")
    challenge: str = Field("", max_length=400)
    next: str = Field("", max_length=2_000)
    method: Literal["get", "post"] = "get"


class Begin(BaseModel):
    """The password, before something is registered; for the first registration also the code that an administrator has issued."""

    password: str = Field(min_length=1, max_length=256, title="パスワード")
    registration_code: str = Field("", max_length=40, title="登録コード")
    next: str = Field("", max_length=2_000)


class NewCode(BaseModel):
    """The first code of an app, which proves that it has the secret."""

    pending: str = Field(min_length=1, max_length=1_000)
    code: str = Field(min_length=1, max_length=40, title="認証コード")
    label: str = Field("", max_length=40, title="名前")
    next: str = Field("", max_length=2_000)


class NewKey(BaseModel):
    """What a browser says of a key it has made."""

    challenge: str = Field(min_length=1, max_length=400)
    answer: str = Field(min_length=1, max_length=20_000)
    label: str = Field("", max_length=40, title="名前")
    next: str = Field("", max_length=2_000)


class Factors(BaseModel):
    """The factors of an account in force."""

    factors: list[dict[str, Any]]


class AppBegun(BaseModel):
    """A new secret for an app; `pending` is sent back with its first code."""

    secret: str
    address: str
    pending: str


class KeyBegun(BaseModel):
    """What the browser's `navigator.credentials.create` takes; `challenge` is sent back with the answer."""

    options: dict[str, Any]
    challenge: str


class Registered(BaseModel):
    """Recovery codes when they are new, and a token that has the second factor."""

    recovery_codes: list[str]
    token: str
    expires_in: int


class Codes(BaseModel):
    """New recovery codes."""

    codes: list[str]


class Ended(BaseModel):
    """The factor that was ended."""

    factor_no: int


class Given(BaseModel):
    """A token that has the second factor: send it as `Authorization: Bearer`."""

    token: str
    expires_in: int
