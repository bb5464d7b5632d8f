"""The description that lies beside a file of the exchange area: it is laid down last, so the file is whole by then.

We write one for each file we send (`sending.manifest` has more) and ask for one with each file we take: without it half of a file,
or one that somebody laid there in passing, would be recorded row by row.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from yoriai.errors import FieldError, Invalid, NotFound
from yoriai.exchange.area import Area

ENDING = ".manifest.json"
_MISSING = (
    "添付情報（manifest）がないため、取り込んでいません。送信の途中なら、終わってからもう一度取り込みます。終わっているなら、"
    "送信元に {name}{ending} を依頼してください。"
)


def check_manifest(area: Area, path: str, content: bytes) -> int:
    """Compare a received file with its manifest and return the rows it must have. Raises Invalid with all that is wrong."""
    name = path.rpartition("/")[2]
    try:
        manifest = json.loads(area.get(f"{path}{ENDING}"))
    except NotFound:
        raise Invalid(_MISSING.format(name=name, ending=ENDING)) from None
    except ValueError:
        raise Invalid(f"{name} の添付情報（manifest）がJSONとして読めません。") from None
    if not isinstance(manifest, Mapping):
        raise Invalid(f"{name} の添付情報（manifest）がJSONのオブジェクトではありません。")
    if errors := list(_mistakes(manifest, name, content)):
        raise Invalid(f"{name} が添付情報（manifest）と合いません。1行も取り込んでいません。", fields=errors)
    return int(manifest["rows"])


def describe(name: str, rows: int, charset: str, content: bytes) -> dict[str, Any]:
    """The least a manifest of a received file has to say."""
    return {"file": name, "rows": rows, "charset": charset, "sha256": hashlib.sha256(content).hexdigest()}


def _mistakes(manifest: Mapping[str, Any], name: str, content: bytes) -> list[FieldError]:
    errors = []
    if manifest.get("file", name) != name:
        errors.append(FieldError("file", f"別のファイル {manifest['file']} の添付情報です。", "other_file"))
    rows = manifest.get("rows")
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
        errors.append(FieldError("rows", "件数（rows、見出しを除く行数）がありません。", "missing"))
    digest = manifest.get("sha256")
    if not isinstance(digest, str):
        errors.append(FieldError("sha256", "ファイルのSHA-256（sha256）がありません。", "missing"))
    elif digest.lower() != hashlib.sha256(content).hexdigest():
        errors.append(FieldError("sha256", "内容がSHA-256と違います。送り直しを依頼してください。", "digest"))
    return errors
