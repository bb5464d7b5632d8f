"""The figures of a 年度 for a municipality, and the store of those that were used."""

import json
from datetime import datetime

from modules.nhi.health_insurance.calc import PARAMETERS
from modules.nhi.health_insurance.codes import LEVY_NAMES
from yoriai.errors import NotFound
from yoriai.rules import Moment, ParameterSet, Use
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader

KEEP = "INSERT INTO nhi_parameter_set (digest, figures, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_FIND = "SELECT figures FROM nhi_parameter_set WHERE digest = $1"


def figures_of(config: TenantConfig, fiscal_year: int) -> ParameterSet:
    """Law, ordinance and the conversion tables of incomes; what is missing is told when the calculation asks for it."""
    return config.figures(PARAMETERS, Moment.of_fiscal_year(fiscal_year))


def levy_name(config: TenantConfig, fiscal_year: int) -> str:
    """国保税 or 国保料; both where the year's ordinance is not known."""
    figures = figures_of(config, fiscal_year)
    return LEVY_NAMES[Use(figures).text("vehicle")] if "vehicle" in figures else "国保税(料)"


def kept_row(figures: ParameterSet, now: datetime) -> tuple[str, str, datetime]:
    """The arguments of `KEEP`."""
    return figures.digest, json.dumps(figures.to_json(), ensure_ascii=False, separators=(",", ":")), now


async def get_kept_figures(session: Reader, digest: str) -> ParameterSet:
    """The figures an assessment was made with; raises NotFound."""
    text = await session.fetchval(_FIND, digest)
    if text is None:
        raise NotFound("計算に使った数値の記録がありません。")
    return ParameterSet.from_json(json.loads(text))
