"""Read and validate the files in `tenants/`; every mistake of every file is reported at once, with file, line and rule."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from yoriai import registry
from yoriai.banking.originators import check_banking
from yoriai.errors import FieldError, Invalid
from yoriai.numbers import check_digit_of_municipality_code, is_municipality_code
from yoriai.office import check_office
from yoriai.printing.printers import check_printing
from yoriai.rules.parameters import load_definitions, validate_layer
from yoriai.security.policy import SECTION, check_policy
from yoriai.tenancy.batch_rules import check_batch, check_deployment
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.schema import deployment_schema, tenant_schema

DEPLOYMENT = "deployment.yaml"
_FORMATS = FormatChecker(["date"])
_STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True)
class Center:
    """The shared centre: its name, and what its operators' roles may do. Its permissions reach no municipality's data."""

    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The centre's name."""
        return str(self.document.get("name", "共同センター"))

    @property
    def roles(self) -> Mapping[str, Any]:
        """The operators' roles by name."""
        roles: Mapping[str, Any] = self.document.get("roles") or {}
        return roles

    def permissions_of(self, roles: Iterable[str]) -> frozenset[str]:
        """What the roles may do."""
        return frozenset(
            permission for role in roles if role in self.roles for permission in self.roles[role]["permissions"]
        )


@dataclass(frozen=True)
class Deployment:
    """What is one for all municipalities: the capacity of the hardware, roles, placement."""

    document: Mapping[str, Any]

    @property
    def capacity(self) -> Mapping[str, int]:
        """Units of each resource the batch may use."""
        capacity: Mapping[str, int] = self.document["capacity"]
        return capacity

    @property
    def window(self) -> Mapping[str, str]:
        """When the night starts and has to end (25:00-style)."""
        window: Mapping[str, str] = self.document["window"]
        return window

    @property
    def center(self) -> Center:
        """The shared centre that runs the installation."""
        return Center(self.document.get("center") or {})


@dataclass(frozen=True)
class Source:
    """A parsed file that still knows its lines."""

    path: Path
    tree: Any

    @property
    def document(self) -> dict[str, Any]:
        """The content as plain JSON values."""
        plain = to_plain(self.tree)
        return plain if isinstance(plain, dict) else {}

    def line_of(self, path: str) -> int:
        """The line of a dotted path like `businesses.nhi.parameters.medical.cap[0].value`, or of the nearest thing above it."""
        line = 1
        place: Any = self.tree
        steps: list[str] = _STEP.findall(path)
        while steps and hasattr(place, "lc"):
            step, used = _next_key(place, steps)
            if step is None:
                break
            lines = place.lc
            position = lines.item(step) if isinstance(place, list) else lines.key(step)
            line, place, steps = position[0] + 1, place[step], steps[used:]
        return line


def read_deployment(folder: Path) -> Deployment:
    """The deployment file; raises `Invalid` with all its mistakes."""
    source = read_source(folder / DEPLOYMENT)
    errors = [*schema_errors(source, deployment_schema())] or [
        *_role_errors(source, "roles", registry.permissions()),
        *_role_errors(source, "center.roles", registry.center_permissions()),
        *(_at(source, error) for error in check_deployment(source.document)),
        *(_at(source, error) for error in check_policy(source.document.get(SECTION) or {}, source.document["roles"])),
    ]
    if errors:
        raise Invalid(f"{DEPLOYMENT} に誤りがあります。", fields=errors)
    return Deployment(source.document)


def read_tenants(folder: Path) -> list[TenantConfig]:
    """All tenant files, merged with the deployment's roles; raises `Invalid` with every mistake of every file."""
    deployment = read_deployment(folder)
    configs: list[TenantConfig] = []
    errors: list[FieldError] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name != DEPLOYMENT:
            found, config = _check_file(path, deployment)
            errors += found
            if config:
                configs.append(config)
            errors += _onboarding_errors(folder, path.stem)
    if errors:
        raise Invalid("市町村の設定に誤りがあります。何も適用していません。", fields=errors)
    return configs


def _onboarding_errors(folder: Path, code: str) -> Iterable[FieldError]:
    """The mistakes of the declaration by which a municipality's data are taken over, where it has one."""
    from yoriai.onboarding import settings as onboarding

    if not (folder / code / onboarding.FILE).exists():
        return ()
    try:
        onboarding.read_settings(folder, code)
    except Invalid as error:
        return error.fields
    return ()


def check_file(path: Path, folder: Path) -> list[FieldError]:
    """The mistakes of one tenant file."""
    return _check_file(path, read_deployment(folder))[0]


def _check_file(path: Path, deployment: Deployment) -> tuple[list[FieldError], TenantConfig | None]:
    try:
        source = read_source(path)
    except Invalid as error:
        return list(error.fields), None
    shape = list(schema_errors(source, tenant_schema()))
    errors = [*shape, *_code_errors(source), *_parameter_errors(source)]
    if not shape:
        errors += _role_errors(source, "roles", registry.permissions())
        errors += [_at(source, error) for error in check_batch(source.document)]
        found = (*check_office(source.document), *check_printing(source.document), *check_banking(source.document))
        errors += [_at(source, error) for error in found]
        own = {**(deployment.document.get(SECTION) or {}), **(source.document.get(SECTION) or {})}
        roles = {**deployment.document["roles"], **(source.document.get("roles") or {})}
        errors += [_at(source, error) for error in check_policy(own, roles)]
        errors += _settings_errors(source)
    if errors:
        return sorted(errors, key=lambda error: error.line), None
    document = source.document
    document["roles"] = {**deployment.document["roles"], **(document.get("roles") or {})}
    document["calendar"] = {**(deployment.document.get("calendar") or {}), **document["calendar"]}
    document[SECTION] = {**(deployment.document.get(SECTION) or {}), **(document.get(SECTION) or {})}
    return [], TenantConfig(document)


def read_source(path: Path) -> Source:
    """The parsed file; raises Invalid with file and line when it is no YAML."""
    try:
        return Source(path, YAML(typ="rt").load(path.read_text(encoding="utf-8")))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Invalid(fields=[FieldError("", str(error.problem), rule="yaml", file=path.name, line=line)]) from None
    except FileNotFoundError:
        raise Invalid(fields=[FieldError("", "ファイルがありません。", rule="missing", file=path.name)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        # Another encoding, a control character, a day the calendar does not have, a nesting without end.
        reason = str(error).splitlines()[0]
        fault = FieldError("", f"YAMLとして読めません: {reason}", rule="yaml", file=path.name, line=1)
        raise Invalid(fields=[fault]) from None


def schema_errors(source: Source, schema: Mapping[str, Any]) -> Iterator[FieldError]:
    """The mistakes of a file against a JSON Schema, with their lines."""
    for error in Draft202012Validator(schema, format_checker=_FORMATS).iter_errors(source.document):
        yield from _from_schema(source, error)


def _from_schema(source: Source, error: ValidationError) -> Iterator[FieldError]:
    path = ".".join(str(step) for step in error.absolute_path)
    rule: Any = error.schema
    if error.validator == "additionalProperties":
        known = set(rule.get("properties", {}))
        present: Any = error.instance
        for key in sorted(set(present) - known):
            yield _at(
                source,
                FieldError(f"{path}.{key}".lstrip("."), f"「{key}」という項目はありません。", rule="unknown_key"),
            )
    elif error.validator == "required":
        missing = error.message.split("'")[1]
        yield _at(source, FieldError(f"{path}.{missing}".lstrip("."), f"「{missing}」がありません。", rule="missing"))
    else:
        wanted = rule.get("description") or error.message
        yield _at(source, FieldError(path, f"値が正しくありません: {wanted}", rule=str(error.validator)))


def _code_errors(source: Source) -> Iterator[FieldError]:
    code = str(source.document.get("code", ""))
    if re.fullmatch(r"[0-9]{6}", code) and not is_municipality_code(code):
        right = check_digit_of_municipality_code(code[:5])
        message = f"団体コードの検査数字が違います(正しくは {code[:5]}{right})。"
        yield _at(source, FieldError("code", message, rule="check_digit", article="全国地方公共団体コード仕様"))
    elif source.path.stem != code:
        yield _at(
            source,
            FieldError("code", f"ファイル名 {source.path.name} と団体コード {code} が合いません。", rule="file_name"),
        )


def _parameter_errors(source: Source) -> Iterator[FieldError]:
    given = source.document.get("businesses")
    for name, section in given.items() if isinstance(given, dict) else ():
        business = registry.find_business(name)
        if business is None or not isinstance(section, dict) or not (business.folder / "parameters").exists():
            continue
        layer = section.get("parameters") or {}
        if isinstance(layer, dict):
            for error in validate_layer(load_definitions(name, business.folder / "parameters"), layer):
                yield _at(source, replace(error, field=f"businesses.{name}.parameters.{error.field}"))


def _settings_errors(source: Source) -> Iterator[FieldError]:
    for name, section in (source.document.get("businesses") or {}).items():
        business = registry.find_business(name)
        if business and business.check_settings and section.get("settings"):
            found: Iterable[FieldError] = registry.load(business.check_settings)(to_plain(section["settings"]))
            for error in found:
                yield _at(source, replace(error, field=f"businesses.{name}.settings.{error.field}"))


def _role_errors(source: Source, path: str, known: Mapping[str, str]) -> list[FieldError]:
    roles: Any = source.document
    for step in path.split("."):
        roles = roles.get(step) or {}
    return [
        _at(
            source,
            FieldError(
                f"{path}.{role}.permissions", f"「{permission}」という権限はありません。", rule="unknown_permission"
            ),
        )
        for role, definition in roles.items()
        for permission in definition["permissions"]
        if permission not in known
    ]


def _at(source: Source, error: FieldError) -> FieldError:
    return replace(error, file=source.path.name, line=source.line_of(error.field))


def _next_key(place: Any, steps: list[str]) -> tuple[Any, int]:
    """The key the next steps name; figures have dots in their keys, so the longest match wins."""
    if isinstance(place, list):
        index = int(steps[0]) if steps[0].isdigit() else -1
        return (index, 1) if 0 <= index < len(place) else (None, 0)
    for used in range(len(steps), 0, -1):
        if (key := ".".join(steps[:used])) in place:
            return key, used
    return None, 0


def to_plain(value: Any) -> Any:
    """YAML values as JSON values; a date becomes its ISO text."""
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value)
    return str(value)
