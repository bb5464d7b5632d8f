"""Numbers that must not be readable at rest (個人番号, 住民票コード): sealed with AES-256-GCM, found by a keyed fingerprint.

A sealed text opens only where it was sealed: municipality, kind and subject are bound into it, so a row copied to another person
or another municipality does not open. Keys come from `YORIAI_DATA_KEYS` (`id:base64,…`, the first seals, all open), or are made
once per checkout for the embedded server. Losing them loses the numbers: they belong into the operators' safe, not the database.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yoriai.errors import YoriaiError
from yoriai.tenancy.ref import TenantRef, place_of

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Unsealable(YoriaiError):
    """A sealed value does not open: its key is missing, or it is not where it was sealed."""

    status = 500
    code = "unsealable"
    default_message = "暗号化された項目を読み出せません。システム担当に連絡してください。"


@dataclass(frozen=True)
class Sealed:
    """Whose value it is: the municipality (None: the centre), the kind of value (`my_number`), the subject (`addressee:123`)."""

    tenant: TenantRef | None
    kind: str
    subject: str

    @property
    def binding(self) -> bytes:
        """What the sealed text is bound to."""
        return f"{place_of(self.tenant)}|{self.kind}|{self.subject}".encode()


class Sealer:
    """Seals with the first key and opens with any. Raises ValueError for keys that are none."""

    def __init__(self, keys: str) -> None:
        self._keys = dict(_parse(entry) for entry in keys.split(",") if entry.strip())
        if not self._keys:
            raise ValueError("no data key")
        self._current = next(iter(self._keys))

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The names of the keys, the current one's first."""
        return tuple(self._keys)

    def is_current(self, sealed: str) -> bool:
        """Whether the text is sealed with the current key."""
        return sealed.partition(":")[0] == self._current

    def seal(self, place: Sealed, text: str) -> str:
        """The sealed text, `key id:base64`; sealing twice gives two different texts."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = AESGCM(self._keys[self._current]).encrypt(nonce, text.encode(), place.binding)
        return f"{self._current}:{base64.b64encode(nonce + body).decode()}"

    def open(self, place: Sealed, sealed: str) -> str:
        """The text. Raises Unsealable."""
        name, _, body = sealed.partition(":")
        try:
            raw = base64.b64decode(body, validate=True)
            plain = AESGCM(self._keys[name]).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.binding)
        except (KeyError, InvalidTag, binascii.Error, ValueError) as error:
            raise Unsealable from error
        return plain.decode()

    def fingerprints(self, tenant: TenantRef | None, kind: str, text: str) -> list[str]:
        """By which a value is found without being opened: one for each key, the current one's first; store the first."""
        message = f"{place_of(tenant)}|{kind}|{text}".encode()
        return [hmac.new(_search_key(key), message, hashlib.sha256).hexdigest() for key in self._keys.values()]


def new_key() -> str:
    """A key entry for `YORIAI_DATA_KEYS`."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"


def _parse(entry: str) -> tuple[str, bytes]:
    name, _, body = entry.strip().partition(":")
    key = base64.b64decode(body, validate=True)
    if not name.isalnum() or len(key) != _KEY_BYTES:
        raise ValueError(f"not a data key: {name or 'without id'}")
    return name, key


def _search_key(key: bytes) -> bytes:
    """Another key for the fingerprints, so that what finds a value never opens it."""
    return hmac.new(key, b"yoriai fingerprint", hashlib.sha256).digest()
