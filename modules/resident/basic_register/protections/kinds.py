"""The kinds of suppression and the words for them."""

from collections.abc import Mapping

SUPPORT = "support"
KINDS: Mapping[str, str] = {
    SUPPORT: "支援措置",
    "issue_stop": "発行停止",
    "movement_stop": "異動停止",
    "attention": "注意喚起",
    "guardianship": "成年後見",
    "other": "その他の抑止",
}
CATEGORIES: Mapping[str, str] = {
    "dv": "配偶者からの暴力（DV）",
    "stalking": "ストーカー行為等",
    "child_abuse": "児童虐待",
    "similar": "これらに準ずるもの",
}
SCOPES: Mapping[str, str] = {
    "view": "住民基本台帳の閲覧",
    "copy": "住民票の写し等",
    "removed_copy": "除票の写し等",
    "supplement": "戸籍の附票の写し・除附票",
}
SEE = "resident.protected.view"
"""Who holds it sees the addresses that are hidden from everybody else; each sight is audited."""
MANAGE = "resident.protection.edit"
LOOK = "resident.protection.view"
RELEASE = "resident.protection.release"
