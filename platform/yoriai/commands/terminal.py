"""Who acts at a command line, and whether they may do it as somebody of the shared centre."""

import os
import pwd
import socket

from yoriai.audit import Principal
from yoriai.database.migrate import owner_connection
from yoriai.errors import FieldError, Forbidden, Invalid
from yoriai.settings import Settings
from yoriai.tenancy.files import read_deployment
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import platform_connection

_ROLES = """
SELECT o.display_name, o.section, ARRAY(SELECT r.role FROM operator_role r WHERE r.login = o.login)
FROM operator o WHERE o.login = %s AND o.is_active
"""
_STAFF = "SELECT is_active FROM staff WHERE login = %s"
_OPERATOR = "SELECT is_active FROM operator WHERE login = %s"


def terminal_user() -> Principal:
    """Who sits at the terminal: the operating system's user, whatever the environment says."""
    user = pwd.getpwuid(os.getuid()).pw_name
    return Principal(login=user, display_name=user, terminal=socket.gethostname())


def terminal_operator(settings: Settings, permission: str) -> Principal:
    """Who sits at the terminal, for an act of the shared centre.

    Where the deployment says so (`center.command_line_roles`), the operating system's user must be an active account of the centre
    with the permission, by the same login as on the screens: so two persons are two persons in both. Raises Forbidden.
    """
    user = terminal_user()
    center = read_deployment(settings.tenants).center
    if not center.document.get("command_line_roles"):
        return user
    with platform_connection(settings.app_dsn) as connection:
        row = connection.execute(_ROLES, (user.login,)).fetchone()
    permissions = center.permissions_of(row[2]) if row else frozenset()
    if row is None or permission not in permissions:
        raise Forbidden(
            f"OSの利用者「{user.login}」は、この操作({permission})の権限がある{center.name}の利用者ではありません。"
            "yoriai operator add で同じIDの利用者を登録してください。"
        )
    return Principal(user.login, row[0], row[1], permissions, user.terminal)


def find_account(settings: Settings, tenant: TenantRef, login: str) -> str:
    """The login of an active account of the municipality or of the shared centre, as the field `by` names it. Raises Invalid."""
    with owner_connection(settings.admin_dsn, tenant.schema) as connection:
        found = connection.exec_driver_sql(_STAFF, (login,)).scalars().all()
    if not found:
        with platform_connection(settings.app_dsn) as platform:
            found = [row[0] for row in platform.execute(_OPERATOR, (login,))]
    if not found:
        message = (
            f"「{login}」という利用者は、{tenant} の職員にも共同センターにもいません。"
            "責任者のログインIDを指定してください(登録は yoriai staff add または yoriai operator add)。"
        )
        raise Invalid(fields=[FieldError("by", message, "unknown")])
    if not found[0]:
        raise Invalid(fields=[FieldError("by", f"「{login}」のアカウントは閉鎖されています。", "closed")])
    return login
