"""The published JSON Schema of a tenant file and of the deployment file; the businesses add their own parts."""

import json
from typing import Any

from yoriai import registry
from yoriai.availability.rules import HOURS
from yoriai.availability.rules import SCHEMA as AVAILABILITY
from yoriai.banking.originators import BANKING
from yoriai.continuity.rules import SCHEMA as BACKUP
from yoriai.extraction.limits import SCHEMA as EXTRACTION
from yoriai.office import OFFICE
from yoriai.printing.printers import PRINTING
from yoriai.rules.parameters import layer_schema, load_definitions
from yoriai.security.policy import SCHEMA as SECURITY
from yoriai.tenancy.batch_schema import CALENDAR, COUNT, DEFINITIONS, MAIL, batch_section, deployment_parts

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ROLES = {
    "type": "object",
    "description": "役割ごとの名称と権限",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "required": ["label", "permissions"],
        "properties": {
            "label": {"type": "string", "description": "役割の名称"},
            "section": {"type": "string", "description": "既定の所属"},
            "permissions": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        },
    },
}


def tenant_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `tenants/<code>.yaml`."""
    return {
        "$schema": _DIALECT,
        "$defs": DEFINITIONS,
        "title": "市町村の設定",
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "name", "kana", "prefecture", "population", "calendar", "businesses"],
        "properties": {
            "code": {"type": "string", "pattern": "^[0-9]{6}$", "description": "全国地方公共団体コード(6桁の文字列)"},
            "name": {"type": "string", "pattern": "^.+[市町村区]$", "description": "市町村名"},
            "kana": {"type": "string", "pattern": "^[ァ-ヴー]+$", "description": "市町村名のフリガナ(全角カタカナ)"},
            "prefecture": {"type": "string", "pattern": "^.+[都道府県]$", "description": "都道府県名"},
            "county": {"type": "string", "pattern": "^.+郡$", "description": "町村の属する郡の名。住所に書く"},
            "population": {"type": "integer", "minimum": 1, "description": "計画のもとにする人口"},
            "calendar": CALENDAR,
            "batch": batch_section(),
            "roles": _ROLES,
            "office": OFFICE,
            "service_hours": HOURS,
            "extraction": EXTRACTION,
            "printing": PRINTING,
            "banking": BANKING,
            "security": SECURITY,
            "demo": {
                "type": "object",
                "additionalProperties": False,
                "required": ["residents", "profile"],
                "properties": {"residents": COUNT, "profile": {"type": "string"}},
            },
            "businesses": {"type": "object", "additionalProperties": False, "properties": _businesses()},
        },
    }


def deployment_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `tenants/deployment.yaml`."""
    return {
        "$schema": _DIALECT,
        "title": "共同利用全体の設定",
        "type": "object",
        "additionalProperties": False,
        "required": ["capacity", "window", "roles"],
        "properties": {
            **deployment_parts(),
            "class_limits": {
                "type": "object",
                "additionalProperties": {"type": "integer", "minimum": 1},
                "description": "ジョブの種類ごとに、全団体で同時に実行できる数",
            },
            "use_limits": {
                "type": "object",
                "additionalProperties": False,
                "description": "実測の使用量がこれに達したら、新しいジョブを始めない",
                "properties": {
                    name: {"type": "integer", "minimum": 1, "description": label}
                    for name, label in (
                        ("cpu_millicores", "プロセッサ(千分の一個)"),
                        ("io_kilobytes", "ディスクの読み書き(毎秒キロバイト)"),
                        ("connections", "データベースの接続"),
                    )
                },
            },
            "alert_command": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                "description": "当番への通知を渡すコマンドと引数(標準入力にJSON)",
            },
            "backup": BACKUP,
            "availability": AVAILABILITY,
            "mail": MAIL,
            "counter_limit_ms": {
                "type": "integer",
                "minimum": 1,
                "description": "窓口の応答(95%点)がこのミリ秒を超えたらバッチを控える",
            },
            "roles": _ROLES,
            "security": SECURITY,
            "center": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "roles"],
                "description": "共同利用の運用を担うセンター",
                "properties": {
                    "name": {"type": "string", "minLength": 1, "description": "センターの名称"},
                    "command_line_roles": {
                        "type": "boolean",
                        "description": "真なら、yoriai batch の操作にもOSの利用者と同じIDの権限を求める",
                    },
                    "roles": _ROLES,
                },
            },
        },
    }


def _businesses() -> dict[str, Any]:
    return {business.name: _business(business) for business in registry.businesses()}


def _business(business: registry.Business) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if business.settings_schema:
        properties["settings"] = json.loads(business.settings_schema.read_text(encoding="utf-8"))
    folder = business.folder / "parameters"
    if folder.exists():
        properties["parameters"] = {
            **layer_schema(load_definitions(business.name, folder)),
            "description": f"{business.label}の条例の数値",
        }
    return {"type": "object", "additionalProperties": False, "properties": properties}
