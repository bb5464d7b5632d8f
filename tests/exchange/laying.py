"""Files of other systems in the exchange area."""

import json
from contextlib import suppress
from typing import Any

from yoriai.errors import NotFound
from yoriai.exchange.area import Area
from yoriai.exchange.manifests import ENDING, describe
from yoriai.exchange.receiving import count_rows


def lay(area: Area, path: str, content: bytes, **wrong: Any) -> None:
    """Lay a file there with its manifest, in the place of what was there."""
    charset, rows = count_rows(content)
    manifest = describe(path.rpartition("/")[2], rows, charset, content) | wrong
    for name, text in ((path, content), (f"{path}{ENDING}", json.dumps(manifest).encode())):
        with suppress(NotFound):
            area.get(name)
            area.remove(name)
        area.put(name, text)
