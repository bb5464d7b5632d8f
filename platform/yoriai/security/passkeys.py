"""Security keys, IC cards, faces and fingerprints: everything a browser offers as WebAuthn (W3C Web Authentication Level 3).

A challenge is not kept: it is signed, with the moment of issue in it. What a key has answered once is worth nothing again, since an
answer is taken only if its challenge is younger than the key's last use.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import webauthn
from fastapi import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

CHALLENGE_SECONDS = 300
_BYTES = 32
_SELECTION = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.DISCOURAGED,
    # The password is what one knows. A key that asks for a PIN, a face or a finger besides is welcome, not demanded.
    user_verification=UserVerificationRequirement.PREFERRED,
)


@dataclass(frozen=True)
class Site:
    """The address under which the application is opened: keys are bound to its name."""

    host: str
    origin: str

    @classmethod
    def of(cls, request: Request) -> "Site":
        """The site of a request; behind a proxy its headers `Host` and `X-Forwarded-Proto` must be those of the browser."""
        return cls(request.url.hostname or "", f"{request.url.scheme}://{request.headers.get('host', '')}")

    @property
    def can_have_keys(self) -> bool:
        """Whether browsers make keys for it: not for an address in digits."""
        return bool(self.host) and not self.host.replace(".", "").isdigit() and ":" not in self.host


@dataclass(frozen=True)
class Challenge:
    """What a key has to sign, and since when."""

    value: bytes
    issued_at: datetime
    token: str


@dataclass(frozen=True)
class Challenges:
    """Makes challenges for one account and one purpose, and knows its own again."""

    secret: str
    owner: str
    purpose: str

    def issue(self, moment: datetime) -> Challenge:
        """A new challenge."""
        value = webauthn.helpers.generate_challenge()
        token = self._serializer().dumps([bytes_to_base64url(value), moment.timestamp()])
        return Challenge(value, moment, token)

    def read(self, token: str) -> Challenge | None:
        """The challenge of a token; None when it is forged, somebody else's, or too old."""
        try:
            value, issued = self._serializer().loads(token, max_age=CHALLENGE_SECONDS)
            return Challenge(base64url_to_bytes(value), datetime.fromtimestamp(issued, UTC), token)
        except (BadSignature, ValueError):
            return None

    def _serializer(self) -> URLSafeTimedSerializer:
        salt = f"challenge|{self.purpose}|{self.owner}"
        return URLSafeTimedSerializer(self.secret, salt=salt, signer_kwargs={"digest_method": hashlib.sha256})


@dataclass(frozen=True)
class Passkey:
    """A registered key: its id and public key in Base64url, and how often it says it was used (0: it does not count)."""

    credential_id: str
    public_key: str
    sign_count: int


def registration_options(site: Site, owner: str, name: str, challenge: Challenge, known: list[str]) -> dict[str, Any]:
    """What the browser's `navigator.credentials.create` takes, bytes in Base64url; `known` are keys the account has already."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="よりあい",
        user_id=hashlib.sha256(owner.encode()).digest()[:_BYTES],
        user_name=name,
        challenge=challenge.value,
        authenticator_selection=_SELECTION,
        exclude_credentials=_descriptors(known),
    )
    result: dict[str, Any] = json.loads(options_to_json(options))
    return result


def authentication_options(site: Site, challenge: Challenge, known: list[str]) -> dict[str, Any]:
    """What the browser's `navigator.credentials.get` takes, bytes in Base64url."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge.value,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    result: dict[str, Any] = json.loads(options_to_json(options))
    return result


def find_registration(site: Site, challenge: Challenge, answer: str) -> Passkey | None:
    """The key that a browser has made; None when the answer does not fit the challenge and the site."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge.value,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError):
        return None
    return Passkey(
        bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key), made.sign_count
    )


def credential_of(answer: str) -> str:
    """The id of the key that an answer claims to come from; empty when it says none."""
    try:
        document = json.loads(answer)
    except ValueError:
        return ""
    return str(document.get("id", "")) if isinstance(document, dict) else ""


def find_use(site: Site, challenge: Challenge, answer: str, key: Passkey) -> int | None:
    """The key's new count of uses; None when the signature, the challenge, the site or the count is not right."""
    try:
        used = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge.value,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
        )
    except (WebAuthnException, ValueError):
        return None
    return used.new_sign_count


def _descriptors(known: list[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known]
