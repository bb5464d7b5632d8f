"""The server itself speaks TLS (COM-062), and admits only known clients where it is told to; tried with an authority of our own."""

import contextlib
import ipaddress
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.conftest import PASSWORD, Installation
from tests.exchange.conftest import SYSTEM_LOGIN
from yoriai.clock import now
from yoriai.errors import Invalid
from yoriai.settings import ROOT
from yoriai.tenancy.ref import TenantRef
from yoriai.web.tls import secured

_SECONDS = 40


@dataclass(frozen=True)
class Authority:
    """A certificate authority for the test."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def path(self) -> Path:
        """Its certificate as a file."""
        return self.folder / "ca.crt"

    def issue(self, name: str, usage: x509.ObjectIdentifier) -> tuple[Path, Path]:
        """A certificate and its key as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = (
            _builder(name, self.certificate.subject, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
            )
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        return _write(self.folder, name, built.sign(self.key, hashes.SHA256()), key)


def _builder(name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
    )


def _write(
    folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> tuple[Path, Path]:
    paths = folder / f"{name}.crt", folder / f"{name}.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(*encoding))
    return paths


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The authority with its files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")])
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    signing = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage)
    built = (
        _builder("ca", name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(signing, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    certificate = built.sign(key, hashes.SHA256())
    _write(tmp_path, "ca", certificate, key)
    return Authority(tmp_path, key, certificate)


@pytest.fixture
def served(installation: Installation, authority: Authority, tmp_path: Path) -> Iterator[str]:
    """The application as the command serves it, over TLS, for clients of the authority only."""
    certificate, key = authority.issue("server", ExtendedKeyUsageOID.SERVER_AUTH)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "YORIAI_DSN": installation.app_dsn,
        "YORIAI_ADMIN_DSN": installation.admin_dsn,
        "YORIAI_VAR": str(tmp_path / "var"),
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
    }
    command = [sys.executable, "-c", "from yoriai.cli import main; main()", "serve", "--port", str(port)]
    command += ["--tls-cert", str(certificate), "--tls-key", str(key), "--tls-client-ca", str(authority.path)]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as process:
        try:
            end = time.monotonic() + _SECONDS
            while time.monotonic() < end:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def test_com_062_the_api_answers_over_tls_to_clients_of_the_authority_only(
    served: str, authority: Authority, library: httpx.AsyncClient, tenant: TenantRef
) -> None:
    """`library` is the account; here it comes through a real connection."""
    certificate, key = authority.issue("client", ExtendedKeyUsageOID.CLIENT_AUTH)
    trusting = ssl.create_default_context(cafile=str(authority.path))
    with pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)):
        httpx.get(f"https://{served}/login", verify=trusting, headers={"accept": "application/json"})
    trusting.load_cert_chain(certificate, key)
    with httpx.Client(base_url=f"https://{served}", verify=trusting) as client:
        answer = client.post("/login", json={"tenant": tenant.code, "login": SYSTEM_LOGIN, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        bearer = {"authorization": f"Bearer {answer.json()['token']}"}
        page = client.get(f"/{tenant.code}/exchange/data/resident.person", headers=bearer).json()
        assert [row["key"] for row in page["rows"]] == ["1", "2", "3"]
    strangers = ssl.create_default_context()
    strangers.load_cert_chain(certificate, key)
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://{served}/login", verify=strangers)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        httpx.get(f"http://{served}/login")
    assert secured(certificate, key, None)["ssl_cert_reqs"] == ssl.CERT_NONE


def test_wrong_tls_settings_are_told_before_anything_is_served(authority: Authority, tmp_path: Path) -> None:
    certificate, _ = authority.issue("server", ExtendedKeyUsageOID.SERVER_AUTH)
    _, other = authority.issue("other", ExtendedKeyUsageOID.SERVER_AUTH)
    assert secured(None, None, None) == {}
    for files, fields in (
        ((certificate, None, None), ["tls-key"]),
        ((certificate, tmp_path / "nothing", tmp_path / "none"), ["tls-key", "tls-client-ca"]),
        ((certificate, other, None), ["tls-cert"]),
    ):
        with pytest.raises(Invalid) as wrong:
            secured(*files)
        assert [error.field for error in wrong.value.fields] == fields
