"""Which municipalities there are, as the serving processes see it: a new one is known seconds after it was applied."""

import asyncio
import json
import time

from yoriai.audit import SYSTEM
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

_FRESH_SECONDS = 3.0
_DIGESTS = "SELECT code, config_digest FROM tenant WHERE is_active"
_CONFIG = "SELECT config::text FROM tenant WHERE code = $1 AND is_active"


class Directory:
    """The applied configurations, looked at again every few seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, TenantConfig] = {}
        self._looked = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, tenant: TenantRef) -> TenantConfig | None:
        """The municipality's configuration, None when the installation does not serve it."""
        await self._refresh()
        return self._known.get(tenant.code)

    async def list(self) -> list[TenantConfig]:
        """All municipalities by code."""
        await self._refresh()
        return [self._known[code] for code in sorted(self._known)]

    async def _refresh(self) -> None:
        if time.monotonic() - self._looked < _FRESH_SECONDS:
            return
        async with self._lock:
            if time.monotonic() - self._looked < _FRESH_SECONDS:
                return
            async with self._database.platform_read(SYSTEM) as session:
                digests = {row["code"]: row["config_digest"] for row in await session.fetch(_DIGESTS)}
                for code in [code for code, digest in digests.items() if self._digest(code) != digest]:
                    self._known[code] = TenantConfig(json.loads(await session.fetchval(_CONFIG, code)))
            for code in set(self._known) - set(digests):
                del self._known[code]
            self._looked = time.monotonic()

    def _digest(self, code: str) -> str:
        return self._known[code].digest if code in self._known else ""
