"""The shared centre's screens of 業務継続."""

from yoriai.continuity.reads import ContinuityPage, read_page
from yoriai.continuity.rules import CopyRules
from yoriai.web.context import CenterCtx
from yoriai.web.router import CenterRouter

router = CenterRouter("continuity")


@router.get("/", permission="continuity.view", summary="写しと復旧訓練", screen="continuity/copies.html")
async def show_copies(ctx: CenterCtx) -> ContinuityPage:
    """The newest copy of every site, the last drill, and what was done."""
    state = ctx.request.app.state
    rules = CopyRules.of(state.gate.deployment.document, state.settings.var)
    names = [site.name for site in rules.sites]
    async with ctx.read() as session:
        return await read_page(session, names, rules.newest_hours, rules.restore_hours, ctx.now)
