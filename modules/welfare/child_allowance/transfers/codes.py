"""The words of 振込データ."""

from collections.abc import Mapping
from typing import Final

RETURN_REASONS: Final[Mapping[str, str]] = {
    "no_account": "口座なし",
    "closed": "解約済み",
    "name": "受取人名の相違",
    "type": "預金種目の相違",
    "branch": "金融機関・店舗の相違",
    "refused": "入金の停止・受取の拒否",
    "other": "その他",
}
"""Why a bank returned a transfer (振込不能), as its notices put it."""
