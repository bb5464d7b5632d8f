"""The parts of the configuration schemas that the night goes by: calendars, nets adjusted, blackouts, capacity."""

from typing import Any

from yoriai import registry
from yoriai.calendar.rules import WEEKDAYS

TIME = {"type": "string", "pattern": "^([0-3][0-9]|4[0-7]):[0-5][0-9]$", "description": "25:00 式の時刻(00:00〜47:59)"}
DATE = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "日付 YYYY-MM-DD"}
COUNT = {"type": "integer", "minimum": 0, "description": "0以上の整数"}
_POSITIVE = {"type": "integer", "minimum": 1, "description": "1以上の整数"}
_MONTH_DAY = {
    "type": "string",
    "pattern": "^(02-(0[1-9]|[12][0-9])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))$",
    "description": "実施する月日 MM-DD",
}
_DATES = {"type": "array", "items": DATE, "uniqueItems": True}
_NAME = {"type": "string", "minLength": 1}
_MONTHS = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": {"type": "integer", "minimum": 1, "maximum": 12, "description": "月(1〜12)"},
}
_SHIFT = {
    "enum": ["next", "previous", "none", "skip"],
    "description": "休業日の振替: next, previous, none, skip のどれか",
}
_OFFSET = {"type": "integer", "minimum": -60, "maximum": 60, "description": "営業日の数(前は負)。-60〜60"}


def _kind(name: str, label: str, needed: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    properties = {"kind": {"const": name}, **needed, **optional}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", *needed],
        "properties": properties,
        "description": label,
    }


_MOVING = {"shift": _SHIFT, "offset": _OFFSET}
_KINDS = {
    "daily": _kind("daily", "毎日", {}, {}),
    "business_days": _kind("business_days", "運用日(開庁日)", {}, {}),
    "closed_days": _kind("closed_days", "休業日(閉庁日)", {}, {}),
    "weekly": _kind(
        "weekly",
        "毎週の曜日",
        {"weekdays": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(WEEKDAYS)}}},
        _MOVING,
    ),
    "monthly": _kind(
        "monthly",
        "毎月の日(31は月末日)",
        {
            "days": {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"type": "integer", "minimum": 1, "maximum": 31, "description": "日(1〜31)"},
            }
        },
        {"months": _MONTHS, **_MOVING},
    ),
    "nth_business_day": _kind(
        "nth_business_day",
        "月の第n開庁日(末からは負)",
        {
            "nth": {
                "type": "integer",
                "minimum": -23,
                "maximum": 23,
                "not": {"const": 0},
                "description": "第n(1〜23、末からは-1〜-23)",
            }
        },
        {"months": _MONTHS},
    ),
    "annual": _kind(
        "annual",
        "毎年の月日",
        {"month_days": {"type": "array", "minItems": 1, "uniqueItems": True, "items": _MONTH_DAY}},
        _MOVING,
    ),
    "dates": _kind("dates", "年月日の指定", {"dates": {**_DATES, "minItems": 1}}, _MOVING),
}
RULE: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"enum": list(_KINDS), "description": f"運用日の決め方: {', '.join(_KINDS)} のどれか"}},
    # One branch per kind, so that a mistake is reported at its own key and not as "matches none of eight".
    "allOf": [
        {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": schema}
        for name, schema in _KINDS.items()
    ],
    "description": "運用日の規則",
}
_ADJUSTED = {
    "release": {**TIME, "description": "開始可能時刻。これより前に始めない(00:00〜47:59)"},
    "deadline": {**TIME, "description": "打切時刻。これまでに終える(00:00〜47:59)"},
    "hold": {"type": "boolean", "description": "真なら計画しても保留とする"},
    "priority": {"type": "integer", "minimum": 1, "maximum": 5, "description": "優先度(1が最も高い、5まで)"},
}
DEFINITIONS = {
    "calendar_rule": RULE,
    "job_adjustment": {"type": "object", "additionalProperties": False, "properties": _ADJUSTED},
}
"""What the tenant schema has under `$defs`."""
BLACKOUTS = {
    "type": "array",
    "description": "処理を動かさない時間帯",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["start", "end"],
        "properties": {
            "start": TIME,
            "end": TIME,
            "dates": {**_DATES, "description": "その業務日付の夜だけ(無ければ毎晩)"},
            "label": {**_NAME, "description": "理由(バックアップなど)"},
        },
    },
}
_FISCAL_YEARS = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": {"type": "integer", "minimum": 1949, "maximum": 2098, "description": "年度(西暦)"},
    "description": "暦を定めた年度。ほかの年度の夜は計画できない(無ければ祝日の分かる年すべて)",
}
CALENDAR = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "fiscal_years": _FISCAL_YEARS,
        "closing_days": {**_DATES, "description": "独自の閉庁日"},
        "opening_days": {**_DATES, "description": "独自の開庁日"},
    },
}

_MAIL_ADDRESS = {"type": "string", "pattern": "^[^@\\s,]+@[^@\\s,]+$", "description": "メールアドレス"}
MAIL: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["host", "sender", "recipients"],
    "description": "夜間処理の通知と日次運用報告を送るメール。パスワードは環境変数 YORIAI_SMTP_PASSWORD",
    "properties": {
        "host": {**_NAME, "description": "メールサーバー"},
        "port": {"type": "integer", "minimum": 1, "maximum": 65535, "description": "ポート番号"},
        "security": {"enum": ["none", "starttls", "tls"], "description": "none, starttls, tls のどれか"},
        "login": {"type": "string", "description": "メールサーバーの利用者ID(要るときだけ)"},
        "sender": _MAIL_ADDRESS,
        "recipients": {"type": "array", "minItems": 1, "uniqueItems": True, "items": _MAIL_ADDRESS},
        "address": {"type": "string", "pattern": "^https?://", "description": "本文に載せる画面の場所"},
    },
}


def batch_section() -> dict[str, Any]:
    """Schema of a tenant file's `batch`.

    A net that no business declares is a typing error, which would leave the meant one unchanged; a job likewise.
    """
    declared = [net for business in registry.businesses() if business.jobs for net in registry.load(business.jobs)]
    nets = {net.name: _net(net.label, {job.name: job.label for job in net.jobs}) for net in declared}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "blackouts": BLACKOUTS,
            "nets": {"type": "object", "additionalProperties": False, "properties": nets},
        },
    }


def deployment_parts() -> dict[str, Any]:
    """Schemas of the deployment file's keys about the night."""
    return {
        "calendar": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"fiscal_years": _FISCAL_YEARS},
            "description": "市町村の設定に書かれていないときの暦",
        },
        "capacity": {
            "type": "object",
            "additionalProperties": _POSITIVE,
            "description": "バッチが使える資源の量",
        },
        "capacity_steps": {
            "type": "array",
            "description": "夜の途中で変わる資源の量(時刻から後)",
            "items": {
                "type": "object",
                "required": ["from"],
                "minProperties": 2,
                "properties": {"from": TIME},
                "additionalProperties": COUNT,
            },
        },
        "blackouts": BLACKOUTS,
        "night_history": {
            "type": "object",
            "additionalProperties": False,
            "description": "終わった夜の記録を残す日数",
            "properties": {
                "full_days": {**_POSITIVE, "description": "使用量の測定をすべて残す日数。その後は1分に1件"},
                "days": {
                    "type": "integer",
                    "minimum": 400,
                    "description": "ジョブと経過を残す日数(400以上)。その後は件数だけ",
                },
            },
        },
        "jobs_per_municipality": {**_POSITIVE, "description": "一つの市町村が同時に動かせるジョブの数"},
        "business_day_turns_at": {**TIME, "description": "日変わり時刻。これより前は前日の業務日付"},
        "window": {
            "type": "object",
            "additionalProperties": False,
            "required": ["start", "end"],
            "properties": {"start": TIME, "end": TIME},
        },
    }


def _net(label: str, jobs: dict[str, str]) -> dict[str, Any]:
    event = {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "label", "expected"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z][a-z0-9_.]*$", "description": "英小文字の名前"},
            "label": _NAME,
            "expected": {**TIME, "description": "届く予定の時刻(00:00〜47:59)"},
            "jobs": {"type": "array", "items": {"enum": list(jobs)}, "uniqueItems": True},
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "description": label,
        "properties": {
            **_ADJUSTED,
            "start": {**TIME, "description": "開始時刻。最初のジョブをこの時刻ちょうどに置く(00:00〜47:59)"},
            "enabled": {"type": "boolean", "description": "偽なら実施しない"},
            "day": _MONTH_DAY,
            "calendar": {"$ref": "#/$defs/calendar_rule"},
            "add_dates": {**_DATES, "description": "規則のほかに実施する日"},
            "skip_dates": {**_DATES, "description": "規則に当たっても実施しない日"},
            "waits_for": {"type": "array", "items": event, "description": "届くのを待つ外部のもの"},
            "jobs": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    name: {"$ref": "#/$defs/job_adjustment", "description": text} for name, text in jobs.items()
                },
            },
        },
    }
