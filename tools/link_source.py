"""Make the checkout importable from its virtual environment, and put the `yoriai` command there.

An editable install would need a build backend that no hash-pinned lock of ours holds. Two lines in a `.pth` file do the same:
the source roots are `platform/` (the kernel, imported as `yoriai`) and the repository root (`modules`, `batch`, `demo`).
"""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Worker processes import the launcher again: without the guard each of them would start the command anew.
LAUNCHER = f"""#!{sys.executable}
import sys
from yoriai.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""


def main() -> None:
    site = Path(sysconfig.get_paths()["purelib"])
    (site / "yoriai_source_roots.pth").write_text(f"{ROOT / 'platform'}\n{ROOT}\n", encoding="utf-8")
    command = Path(sys.executable).parent / "yoriai"
    command.write_text(LAUNCHER, encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    main()
