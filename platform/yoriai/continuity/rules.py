"""How copies are kept: the section `backup` of `tenants/deployment.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yoriai.continuity.sites import Site
from yoriai.errors import NotFound

_POSITIVE = {"type": "integer", "minimum": 1}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "データベースの写し(バックアップ)",
    "required": ["sites"],
    "properties": {
        "sites": {
            "type": "array",
            "minItems": 1,
            "description": "写しを置く場所。先頭で作り、ほかへ送る。離れた場所を一つ以上入れる",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "folder"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "description": "場所の名前"},
                    "folder": {
                        "type": "string",
                        "minLength": 1,
                        "description": "フォルダ(/ で始まらなければ YORIAI_VAR の下)",
                    },
                },
            },
        },
        "keep_days": {**_POSITIVE, "description": "写しを残す日数(最新の一つは必ず残す)"},
        "restore_hours": {**_POSITIVE, "description": "復旧の目標時間(時間)"},
        "newest_hours": {**_POSITIVE, "description": "最新の写しがこれより古ければ警告する(時間)"},
    },
}


@dataclass(frozen=True)
class CopyRules:
    """The section `backup` of the deployment file, with its defaults."""

    sites: Sequence[Site]
    keep_days: int = 35
    restore_hours: int = 12
    newest_hours: int = 26

    @classmethod
    def of(cls, document: Mapping[str, Any], var: Path) -> "CopyRules":
        """The rules of a deployment file; without a section the only site is `copies` in the folder for run-time files."""
        section = dict(document.get("backup") or {"sites": [{"name": "手元", "folder": "copies"}]})
        sites = [Site(item["name"], var / item["folder"]) for item in section.pop("sites")]
        return cls(sites, **section)

    @property
    def near(self) -> Site:
        """Where copies are made."""
        return self.sites[0]

    def site(self, name: str = "") -> Site:
        """The site of that name; without one the first. Raises NotFound."""
        for site in self.sites:
            if name in (site.name, ""):
                return site
        known = "、".join(site.name for site in self.sites)
        raise NotFound(f"「{name}」という保管場所はありません。設定されているもの: {known}")
