"""TLS at the server itself: for other systems that pull data, and wherever no proxy stands in front."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from yoriai.errors import FieldError, Invalid


def secured(certificate: Path | None, key: Path | None, client_ca: Path | None) -> dict[str, Any]:
    """The settings of uvicorn for these files; none when no certificate is given. TLS 1.2 is the oldest that is spoken.

    With `client_ca` only clients are let in that prove themselves by a certificate of one of these authorities. Raises Invalid for
    files that are missing or do not belong together.
    """
    if certificate is None and key is None and client_ca is None:
        return {}
    named = {"tls-cert": certificate, "tls-key": key, "tls-client-ca": client_ca}
    errors = [
        FieldError(name, "ファイルの場所を指定してください。", "missing")
        for name in ("tls-cert", "tls-key")
        if not named[name]
    ]
    errors += [
        FieldError(name, f"{path} がありません。", "no_file")
        for name, path in named.items()
        if path and not path.is_file()
    ]
    if errors:
        raise Invalid("TLSの設定に誤りがあります。", fields=errors)

    def context(_config: Any, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        made = make()
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        return made

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(str(certificate), str(key))
    except ssl.SSLError as error:
        raise Invalid(
            "TLSの設定に誤りがあります。", fields=[FieldError("tls-cert", f"証明書と鍵を読めません: {error}")]
        ) from None
    return {
        "ssl_certfile": str(certificate),
        "ssl_keyfile": str(key),
        "ssl_ca_certs": str(client_ca) if client_ca else None,
        "ssl_cert_reqs": ssl.CERT_REQUIRED if client_ca else ssl.CERT_NONE,
        "ssl_context_factory": context,
    }
