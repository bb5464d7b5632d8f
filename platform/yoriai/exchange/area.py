"""The exchange area: object storage (S3 and the like) or a folder, with a part of its own for each municipality.

`YORIAI_EXCHANGE` names it: `file:///srv/exchange`, `s3://bucket/path` (credentials by the provider's own environment variables).
Without it, it is `exchange/` under `YORIAI_VAR`.
"""

import os
from dataclasses import dataclass
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from yoriai.errors import Conflict, Invalid, NotFound, Unavailable
from yoriai.settings import Settings
from yoriai.tenancy.ref import TenantRef

OUT, IN, TAKEN = "out", "in", "taken"
_MOST_MEGABYTES = 64


@dataclass(frozen=True)
class Area:
    """A municipality's part of the exchange area; paths are below it."""

    store: Any
    prefix: str

    def put(self, path: str, content: bytes) -> None:
        """Lay a file there. Raises Conflict where there is one already, Unavailable where the area does not answer."""
        try:
            obstore.put(self.store, f"{self.prefix}/{path}", content, mode="create")
        except FileExistsError:
            raise Conflict(f"{path} はもうあります。") from None
        except (OSError, BaseError) as error:
            raise _away(error) from error

    def get(self, path: str) -> bytes:
        """A file's content. Raises NotFound, Unavailable, Invalid for one too large to be read at once."""
        try:
            found = obstore.get(self.store, f"{self.prefix}/{path}")
            if found.meta["size"] > _MOST_MEGABYTES * 2**20:
                raise Invalid(f"{path} は{_MOST_MEGABYTES}MBより大きいため読めません。分けて送るよう依頼してください。")
            return bytes(found.bytes())
        except FileNotFoundError:
            raise NotFound(f"{path} がありません。") from None
        except (OSError, BaseError) as error:
            raise _away(error) from error

    def list(self, folder: str) -> list[str]:
        """The paths of the files in a folder, sorted. Raises Unavailable."""
        try:
            found = obstore.list(self.store, prefix=f"{self.prefix}/{folder}").collect()
        except (OSError, BaseError) as error:
            raise _away(error) from error
        return sorted(str(each["path"]).removeprefix(f"{self.prefix}/") for each in found)

    def remove(self, path: str) -> None:
        """Take a file away. Raises Unavailable."""
        try:
            obstore.delete(self.store, f"{self.prefix}/{path}")
        except (OSError, BaseError) as error:
            raise _away(error) from error

    def move(self, path: str, to: str) -> None:
        """Move a file within the area. Raises Unavailable."""
        try:
            obstore.rename(self.store, f"{self.prefix}/{path}", f"{self.prefix}/{to}")
        except (OSError, BaseError) as error:
            raise _away(error) from error


def area_of(settings: Settings, tenant: TenantRef) -> Area:
    """The municipality's part of the area."""
    url = os.environ.get("YORIAI_EXCHANGE") or (settings.var.resolve() / "exchange").as_uri()
    store = from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)
    return Area(store, tenant.code)


def _away(error: Exception) -> Unavailable:
    return Unavailable(
        f"連携ファイルの置き場に読み書きできません（{type(error).__name__}）。置き場の設定と空き容量を確かめてください。"
    )
