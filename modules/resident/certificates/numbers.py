"""個人番号 and 住民票コード on a certificate: stored sealed, opened for the paper only, each sight audited with its purpose."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from modules.resident.basic_register.facts import SealedNumber
from modules.resident.certificates.contents import Line, lines_of
from modules.resident.certificates.kinds import NUMBERS
from yoriai.audit import AuditEvent
from yoriai.errors import Forbidden
from yoriai.sealing import Sealer
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Reader

PERMISSION = "certificate.numbers"
_REFUSAL = "住民票コード・個人番号を記載した証明書です。この番号を扱う権限のある職員に引き継いでください。"


def audit_numbers(session: Reader, content: Mapping[str, Any], purpose: str, part: str) -> None:
    """Record whose numbers are about to be seen, and why. Raises Forbidden for who may not; nothing when the page has none."""
    found: dict[int, set[str]] = {}
    for _, number in _sealed(content):
        found.setdefault(number.addressee_no, set()).add(number.kind)
    if found:
        _require(session)
    for addressee_no, kinds in sorted(found.items()):
        detail = {"kinds": sorted(kinds), "part": part}
        session.audit(AuditEvent("number.view", f"addressee:{addressee_no}", reason=purpose, detail=detail))


def require_permission(session: Reader, items: str) -> None:
    """Raises Forbidden when the items (`kinds.Item` joined by commas) name a number and the caller may not issue these."""
    if NUMBERS.intersection(items.split(",")):
        _require(session)


def open_numbers(content: Mapping[str, Any], sealer: Sealer, tenant: TenantRef) -> dict[str, Any]:
    """A copy of the page with the digits in it; after `audit_numbers`, and never stored. Raises Unsealable."""
    opened: dict[str, Any] = copy.deepcopy(dict(content))
    for line, number in _sealed(opened):
        line["value"] = number.open(sealer, tenant)
        del line["sealed"]
    return opened


def _require(session: Reader) -> None:
    if not session.principal.may(PERMISSION):
        raise Forbidden(_REFUSAL)


def _sealed(content: Mapping[str, Any]) -> Iterator[tuple[Line, SealedNumber]]:
    for line in lines_of(content):
        if "sealed" in line:
            yield line, SealedNumber(**line["sealed"])
