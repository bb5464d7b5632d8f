"""Static files: our own, and htmx from the package that ships it. Addresses carry a digest, so browsers may keep them for ever."""

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from yoriai.errors import NotFound

_OWN = Path(__file__).resolve().parent / "static"
_HTMX = "static/django_htmx/htmx-2.min.js"
router = APIRouter(include_in_schema=False)


@cache
def _files() -> dict[str, Path]:
    files = {path.name: path for path in _OWN.iterdir() if path.is_file() and path.suffix in (".css", ".js", ".svg")}
    spec = importlib.util.find_spec("django_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("django-htmx is not installed: run make")
    files["htmx.js"] = Path(spec.submodule_search_locations[0]) / _HTMX
    return files


@cache
def static_url(name: str) -> str:
    """The address of a static file."""
    digest = hashlib.sha256(_files()[name].read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@router.get("/static/{name}")
async def get_static(name: str) -> FileResponse:
    """A static file by its name; nothing outside the list exists."""
    path = _files().get(name)
    if path is None:
        raise NotFound
    return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})
