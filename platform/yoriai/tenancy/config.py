"""What a municipality is and sets for itself: the validated content of its file in `tenants/`."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from yoriai.rules.parameters import BusinessParameters, Moment, ParameterSet, resolve
from yoriai.tenancy.ref import TenantRef


@dataclass(frozen=True)
class TenantConfig:
    """One municipality's configuration, as applied; immutable, identified by its digest."""

    document: Mapping[str, Any]

    @property
    def code(self) -> str:
        """全国地方公共団体コード."""
        return str(self.document["code"])

    @property
    def tenant(self) -> TenantRef:
        """The name in the data layer."""
        return TenantRef(self.code)

    @property
    def name(self) -> str:
        """The municipality's name."""
        return str(self.document["name"])

    @property
    def kind(self) -> str:
        """市, 町, 村 or 区."""
        return self.name[-1]

    @property
    def prefecture(self) -> str:
        """The prefecture's name."""
        return str(self.document["prefecture"])

    @property
    def full_name(self) -> str:
        """What an address begins with: prefecture, 郡 of a town or village, municipality."""
        return f"{self.prefecture}{self.document.get('county', '')}{self.name}"

    @property
    def population(self) -> int:
        """The reference population that plans go by until there is data."""
        return int(self.document["population"])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON."""
        return digest_of(self.document)

    def section(self, name: str) -> Mapping[str, Any]:
        """A top-level section such as `calendar` or `batch`; empty when the file has none."""
        section: Mapping[str, Any] = self.document.get(name) or {}
        return section

    def settings(self, business: str) -> Mapping[str, Any]:
        """A business's settings that are no figures."""
        settings: Mapping[str, Any] = self._business(business).get("settings") or {}
        return settings

    def parameters(self, business: str) -> Mapping[str, Any]:
        """The ordinance layer of a business's figures."""
        layer: Mapping[str, Any] = self._business(business).get("parameters") or {}
        return layer

    def figures(self, definitions: BusinessParameters, moment: Moment) -> ParameterSet:
        """The figures a calculation may ask for at a moment, law and ordinance together; `definitions` are its calculator's."""
        return resolve(definitions, moment, {"ordinance": self.parameters(definitions.name)})

    def permissions_of(self, roles: Iterable[str]) -> frozenset[str]:
        """What the roles may do."""
        known = self.document["roles"]
        return frozenset(permission for role in roles if role in known for permission in known[role]["permissions"])

    def _business(self, name: str) -> Mapping[str, Any]:
        business: Mapping[str, Any] = (self.document.get("businesses") or {}).get(name) or {}
        return business


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document's canonical JSON."""
    return hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
