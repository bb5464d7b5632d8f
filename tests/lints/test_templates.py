"""Rules of the templates, each with the accident it prevents."""

import re

from yoriai.settings import ROOT

_STYLED = re.compile(r"\.([A-Za-z][\w-]*)")
_COMPUTED = re.compile(r"{#.*?#}|{{.*?}}|{%.*?%}", re.DOTALL)
_CLASSES = re.compile(r'class="([^"]*)"')
_OWN_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_UNKNOWN = "\0"


def test_every_class_of_a_template_is_in_a_stylesheet() -> None:
    """A misremembered one looks like nothing: the seals that are to be compared stood under each other, far apart."""
    sheets = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "platform/yoriai/web/static").glob("*.css"))
    known, lost = set(_STYLED.findall(sheets)), list[str]()
    for folder in ("platform", "modules", "batch"):
        for path in sorted((ROOT / folder).rglob("*.html")):
            text = _COMPUTED.sub(_UNKNOWN, path.read_text(encoding="utf-8"))
            own = {name for style in _OWN_STYLE.findall(text) for name in _STYLED.findall(style)}
            used = {name for names in _CLASSES.findall(text) for name in names.split() if _UNKNOWN not in name}
            lost += [f"{path.relative_to(ROOT)}: {name}" for name in sorted(used - known - own)]
    assert lost == []
