"""Time-based one-time passwords (RFC 6238) of authenticator apps and of hardware tokens: six digits, thirty seconds, SHA-1."""

import unicodedata
from datetime import datetime

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

DIGITS = 6
WINDOW = 1
"""Steps before and after the present one that are taken, because clocks of telephones and tokens are not exact (RFC 6238 5.2)."""
_QR_BORDER = 4


def new_secret() -> str:
    """A secret of 160 bits in Base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def code_at(secret: str, moment: datetime) -> str:
    """What an app with the secret shows at the moment."""
    return pyotp.TOTP(secret).at(moment)


def find_step(secret: str, code: str, moment: datetime) -> int | None:
    """The time step whose code this is, near the moment; None when it is none. Steps count from 1970, of 30 seconds each."""
    digits = unicodedata.normalize("NFKC", code).replace(" ", "").strip()
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=moment, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def is_code(text: str) -> bool:
    """Whether a text is shaped like a code, so that it is no recovery code."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    return plain.isascii() and plain.isdigit() and len(plain) == DIGITS


def address_of(secret: str, login: str, issuer: str) -> str:
    """The `otpauth://` address that apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def picture_of(address: str) -> str:
    """The address as a QR code: an SVG element that needs no style of its own."""
    return segno.make(address, error="m").svg_inline(scale=4, border=_QR_BORDER, omitsize=False, light="#fff")


def grouped(secret: str) -> str:
    """The secret as people type it: groups of four."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
