"""`yoriai calc`: run any calculation with no database, the way everyone outside can check us."""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from yoriai.errors import FieldError, Invalid, NotFound, YoriaiError
from yoriai.rules.calculator import Calculator, find_calculator
from yoriai.rules.parameters import (
    SUPPLIED,
    Moment,
    ParameterSet,
    normalise_layer,
    read_yaml,
    resolve,
    validate_layer,
)
from yoriai.rules.parameters.validation import Layer

_BAD_INPUT = 2


def calc(
    business: Annotated[str, typer.Argument(help="業務の名前 (nhi、income など)")],
    tenant: Annotated[str | None, typer.Option(help="市区町村コード (tenants/ の条例の値を使う)")] = None,
    parameters: Annotated[Path | None, typer.Option(help="条例の値を書いた YAML か JSON")] = None,
    on: Annotated[str | None, typer.Option(help="どの日の法令・条例によるか (2026-04-01)")] = None,
    source: Annotated[str, typer.Option("--input", help="入力の JSON。- は標準入力")] = "-",
    explain: Annotated[bool, typer.Option("--explain", help="計算の手順を付ける")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="入力の JSON Schema を出して終わる")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON で出す")] = False,
) -> None:
    """計算を一件行う (データベースは使わない)。"""
    try:
        calculator = find_calculator(business)
        if schema:
            _print_json(calculator.input_schema())
            return
        result = _run(calculator, tenant, parameters, on, source, with_steps=explain)
    except YoriaiError as error:
        _fail(error)
    if as_json:
        _print_json(result)
    else:
        _print_text(result)


def _run(
    calculator: Calculator[Any], tenant: str | None, path: Path | None, on: str | None, source: str, *, with_steps: bool
) -> dict[str, Any]:
    parsed = calculator.parse(_read_input(source))
    moment = calculator.moment(parsed, _read_day(on))
    figures = _figures(calculator, tenant, path, moment)
    result = calculator.calculate(parsed, figures)
    if with_steps:
        result["explanation"] = calculator.explain(parsed, figures).to_json()
    return result


def _figures(calculator: Calculator[Any], tenant: str | None, path: Path | None, moment: Moment) -> ParameterSet:
    layers: dict[str, Layer] = {}
    if tenant is not None:
        layers["ordinance"] = _tenant_layer(tenant, calculator.name)
    if path is not None:
        layers[SUPPLIED] = _supplied_layer(calculator, path, moment)
    return resolve(calculator.definitions, moment, layers)


def _tenant_layer(code: str, business: str) -> Layer:
    # Only this option needs the tenant files; the calculation itself knows no tenancy.
    from yoriai.settings import ROOT
    from yoriai.tenancy.config import TenantConfig

    path = Path(os.environ.get("YORIAI_TENANTS", ROOT / "tenants")) / f"{code}.yaml"
    if not code.isdecimal() or not path.exists():
        raise NotFound(fields=[FieldError("--tenant", f"市区町村コード {code} の設定がありません。", rule="unknown")])
    return TenantConfig(read_yaml(path)).parameters(business)


def _supplied_layer(calculator: Calculator[Any], path: Path, moment: Moment) -> Layer:
    """Figures written by hand may set anything, national figures included, but must be well-formed."""
    try:
        raw = read_yaml(path)
    except (OSError, ValueError) as error:
        raise Invalid(fields=[FieldError("--parameters", f"読めません: {path}", rule="unreadable")]) from error
    if not isinstance(raw, dict):
        raise Invalid(fields=[FieldError("--parameters", "項目と値の組を書いてください。", rule="bad_type")])
    business = raw.get("businesses", {}).get(calculator.name, {}).get("parameters")
    layer = normalise_layer(calculator.definitions, business or raw, moment)
    allowed = {"fixed_by_law", "above_national"}
    errors = [e for e in validate_layer(calculator.definitions, layer, complete=False) if e.rule not in allowed]
    if errors:
        raise Invalid("値の指定に誤りがあります。", fields=errors)
    return layer


def _read_input(source: str) -> object:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        # A float is kept as its text, so that 8.5 is refused as money instead of being rounded.
        return json.loads(text, parse_float=str)
    except OSError as error:
        raise Invalid(fields=[FieldError("--input", f"読めません: {source}", rule="unreadable")]) from error
    except json.JSONDecodeError as error:
        message = f"JSON として読めません ({error.lineno}行{error.colno}文字目)。"
        raise Invalid(fields=[FieldError("--input", message, rule="unreadable")]) from error


def _read_day(on: str | None) -> date:
    if on is None:
        raise Invalid(fields=[FieldError("--on", "どの日の法令によるかを書いてください。", rule="required")])
    try:
        return date.fromisoformat(on)
    except ValueError as error:
        message = f"日付は 2026-04-01 の形で書いてください: {on}"
        raise Invalid(fields=[FieldError("--on", message, rule="bad_date")]) from error


def _fail(error: YoriaiError) -> NoReturn:
    fields = [field.to_json() for field in error.fields] or [{"field": "", "message": error.message}]
    _print_json({"code": error.code, "message": error.message, "errors": fields})
    raise typer.Exit(_BAD_INPUT)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_text(result: dict[str, Any]) -> None:
    for key, value in result.items():
        if key != "explanation" and isinstance(value, str | int):
            typer.echo(f"{key}: {value:,}" if isinstance(value, int) else f"{key}: {value}")
    for step in result.get("explanation", {}).get("steps", ()):
        for value in step["values"]:
            typer.echo(f"[{step['group']}] {step['label']} {value['title']}: {value['display']} ← {step['formula']}")
