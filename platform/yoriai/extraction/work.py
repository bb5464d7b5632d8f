"""`python -m yoriai.extraction.work CODE`: make the waiting files of one municipality, beside the counters, and end.

A serving process starts it when somebody asks for an extraction (`launcher`), and `yoriai extraction work` by hand or by a timer.
"""

import sys

from yoriai.clock import now
from yoriai.errors import NotFound
from yoriai.extraction.worker import Worker
from yoriai.priority import yield_backend, yield_processor
from yoriai.settings import Settings, load_settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import platform_connection

_CONFIG = "SELECT config FROM tenant WHERE code = %s AND is_active"


def drain(settings: Settings, code: str) -> int:
    """Work off the runs of the municipality; how many there were. Raises NotFound for one that is not served."""
    with platform_connection(settings.app_dsn) as connection:
        row = connection.execute(_CONFIG, (code,)).fetchone()
    if row is None:
        raise NotFound(f"{code} という市町村は適用されていません。")
    database = BulkDatabase(settings.app_dsn, keep=True, connected=yield_backend)
    try:
        return Worker(database, settings.sealer, TenantConfig(row[0]), now).drain()
    finally:
        database.close()


if __name__ == "__main__":
    yield_processor()
    drain(load_settings(), sys.argv[1])
