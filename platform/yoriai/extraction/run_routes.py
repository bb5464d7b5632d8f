"""The addresses of runs."""

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

from yoriai.extraction import runs
from yoriai.extraction.inputs import Composed, Decision, Nothing, Requested
from yoriai.extraction.launcher import Launcher
from yoriai.extraction.runs import Password, RunView
from yoriai.extraction.screens import Composing
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.files import attachment

_USE = "extraction.use"
_RUN = "extraction/run.html"
_LIST = "extraction/runs.html"
_COMPOSED = form_or_json(Composed)
_DECISION = form_or_json(Decision)
_NOTHING = form_or_json(Nothing)
_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet", "zip": "application/zip"}


class RunList(BaseModel):
    """Runs one may see."""

    runs: list[RunView]
    is_of_person: int | None = None


class RunPage(BaseModel):
    """A run, and its password in the moment it is shown."""

    run: RunView
    password: str = ""


def add_run_routes(router: BusinessRouter, compose_again: Callable[[Ctx], Awaitable[Composing]]) -> None:
    """Add the addresses to the router."""

    @router.get("/runs", permission=_USE, summary="抽出の実行と承認の一覧", screen=_LIST)
    async def show_runs(ctx: Ctx) -> RunList:
        """Own runs, those to be decided, all for who supervises."""
        async with ctx.read() as session:
            return RunList(runs=await runs.list_runs(session))

    @router.get("/persons/{addressee_no}", permission=runs.SUPERVISE, summary="ある人を含む抽出", screen=_LIST)
    async def show_runs_of_person(ctx: Ctx, addressee_no: int) -> RunList:
        """The extractions a person was in. Audited."""
        async with ctx.read() as session:
            found = await runs.list_runs_of_person(session, addressee_no)
        return RunList(runs=found, is_of_person=addressee_no)

    @router.post(
        "/runs",
        permission=_USE,
        summary="抽出の申込",
        screen="extraction/compose.html",
        then="/runs/{run_no}",
        again=compose_again,
    )
    async def request_run(ctx: Ctx, body: Composed = _COMPOSED) -> Requested:
        """Ask for the whole list as a file; it is made in the background."""
        async with ctx.write() as session:
            made = await runs.request_run(session, body, ctx.now)
        _wake(ctx)
        return made

    @router.get("/runs/{run_no}", permission=_USE, summary="抽出の照会", screen=_RUN, fragment="extraction/_run.html")
    async def show_run(ctx: Ctx, run_no: int) -> RunPage:
        """How far a run is, and what may be done with it."""
        return await _run(ctx, run_no)

    async def again(ctx: Ctx) -> RunPage:
        return await _run(ctx, int(ctx.request.path_params["run_no"]))

    @router.post(
        "/runs/{run_no}/decision",
        permission=runs.APPROVE,
        summary="抽出の承認・却下",
        screen=_RUN,
        then="/runs/{run_no}",
        again=again,
    )
    async def decide_run(ctx: Ctx, run_no: int, body: Decision = _DECISION) -> Requested:
        """The second person's word on a run with 個人番号."""
        async with ctx.write() as session:
            made = await runs.decide_run(session, run_no, body, ctx.now)
        _wake(ctx)
        return made

    @router.post(
        "/runs/{run_no}/cancel", permission=_USE, summary="抽出の取消", screen=_RUN, then="/runs/{run_no}", again=again
    )
    async def cancel_run(ctx: Ctx, run_no: int, body: Nothing = _NOTHING) -> Requested:
        """Take an own run back."""
        async with ctx.write() as session:
            return await runs.cancel_run(session, run_no)

    @router.post(
        "/runs/{run_no}/password",
        permission=_USE,
        summary="ファイルのパスワードの表示（1回だけ）",
        screen=_RUN,
        again=again,
        number_use="番号法9条1項（承認を受けた抽出）",
    )
    async def show_password(ctx: Ctx, run_no: int, body: Nothing = _NOTHING) -> RunPage:
        """The password of an own protected file; it is forgotten as it is shown."""
        async with ctx.write() as session:
            shown: Password = await runs.reveal_password(session, ctx.tenant, ctx.sealer, run_no)
            run = await runs.get_run(session, run_no)
        return RunPage(run=run, password=shown.password)

    @router.post("/runs/{run_no}/file", permission=_USE, summary="抽出したファイルの受取", screen=_RUN, again=again)
    async def fetch_file(ctx: Ctx, run_no: int, body: Nothing = _NOTHING) -> Any:
        """The file, for who asked for it. Audited."""
        async with ctx.write() as session:
            name, content = await runs.fetch_file(session, run_no, ctx.now)
        return attachment(content, name, _TYPES[name.rpartition(".")[2]])


async def _run(ctx: Ctx, run_no: int) -> RunPage:
    async with ctx.read() as session:
        page = RunPage(run=await runs.get_run(session, run_no))
        is_stuck = page.run.is_moving and await runs.has_stuck_runs(session, ctx.now)
    if is_stuck:
        _wake(ctx)
    return page


def _wake(ctx: Ctx) -> None:
    launcher: Launcher = ctx.request.app.state.launcher
    launcher.wake(ctx.tenant.code)
