"""Certificates keep the numbers they bear sealed inside their content: for the renewal of keys (`yoriai keys renew`)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from modules.resident.certificates.contents import lines_of
from yoriai.tenancy.renewal import SealedColumn, SealedText


def _texts(row: Mapping[str, Any]) -> Iterator[SealedText]:
    if '"sealed"' in row["content"]:
        for line in lines_of(json.loads(row["content"])):
            if "sealed" in line:
                number = line["sealed"]
                yield SealedText(number["kind"], f"addressee:{number['addressee_no']}", number["text"])


SEALED = (SealedColumn(table="certificate_issue", key="serial", column="content", texts=_texts),)
