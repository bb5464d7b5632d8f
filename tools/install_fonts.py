"""See to the fonts that documents are printed with: Debian's when root, else a font package of this Python.

IPAmj明朝 (IPA Font License) has the variants of names that 文字情報基盤 lists; Noto CJK (SIL Open Font License) has the rest.
Neither is copied into the repository. Without root only Noto Sans JP comes, and names fall back to it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from yoriai.documents.fonts import SANS, SERIF, find_family

DEBIAN_PACKAGES = ["fonts-noto-cjk", "fonts-ipamj-mincho"]
LOCK = Path(__file__).resolve().parent.parent / "requirements-fonts.lock"


def main() -> None:
    """Install what is missing; say what cannot be had, without stopping the caller."""
    if find_family(SANS) and find_family(SERIF[:1]):
        return
    try:
        if shutil.which("apt-get") and os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-qq"], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(
                ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES],
                check=True,
                stdout=subprocess.DEVNULL,
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            )
        elif not find_family(SANS):
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"フォントを入れられませんでした。PDFの文書は作れません: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
