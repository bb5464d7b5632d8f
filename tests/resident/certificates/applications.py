"""Applications of the tests."""

import io
from typing import Any

import pypdf

from modules.resident.certificates.inputs import Application


def application(**values: Any) -> dict[str, Any]:
    """A father's application for the 住民票 of his household, as JSON."""
    return {"kind": "household", "addressee_no": 1, "asker": "self", "identity": "photo", "copies": 1, **values}


def application_body(**values: Any) -> Application:
    """The same as the model."""
    return Application.model_validate(application(**values))


def text_of(pdf: bytes) -> str:
    """The text of a PDF, without line ends."""
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")
