"""Accounts after a municipality was taken back: of both states the stricter one holds, and nobody is still logged in."""

from collections.abc import Iterator, Mapping
from typing import Any

from yoriai.tenancy.carrying import Carrying, Difference

# Before anything changes: what the two states say of each account that either has.
_COMPARED = """
SELECT coalesce(n.login, k.login) AS login, n.login IS NULL AS is_new, k.login IS NULL AS is_gone,
  n.is_active AND NOT k.is_active AS was_closed, k.is_active AND NOT n.is_active AS was_reopened,
  n.password_hash IS DISTINCT FROM k.password_hash AS has_new_password,
  ARRAY(SELECT role FROM kept.staff_role r WHERE r.login = k.login EXCEPT SELECT role FROM staff_role r WHERE r.login = n.login
        ORDER BY role) AS given,
  ARRAY(SELECT role FROM staff_role r WHERE r.login = n.login EXCEPT SELECT role FROM kept.staff_role r WHERE r.login = k.login
        ORDER BY role) AS taken,
  (SELECT count(*) FROM kept.staff_factor f WHERE f.login = k.login
    AND NOT EXISTS (SELECT FROM staff_factor o WHERE o.factor_no = f.factor_no)) AS factors,
  (SELECT count(*) FROM kept.staff_factor f JOIN staff_factor o ON o.factor_no = f.factor_no
    WHERE f.login = k.login AND f.ended_at IS NOT NULL AND o.ended_at IS NULL) AS ended
FROM staff n FULL JOIN kept.staff k ON k.login = n.login ORDER BY 1
"""
_STRICTER = """
UPDATE staff n SET display_name = k.display_name, section = k.section, password_hash = k.password_hash,
  external_subject = k.external_subject, is_active = n.is_active AND k.is_active,
  failed_logins = greatest(n.failed_logins, k.failed_logins), failed_factors = greatest(n.failed_factors, k.failed_factors),
  locked_until = greatest(n.locked_until, k.locked_until)
FROM kept.staff k WHERE k.login = n.login RETURNING n.login
"""
# A subject at the provider may have passed from one account to another: none is there twice while they change.
_FREE = "UPDATE staff SET external_subject = NULL WHERE external_subject IS NOT NULL RETURNING login"
_CLOSE_GONE = """
UPDATE staff n SET is_active = false WHERE NOT EXISTS (SELECT FROM kept.staff k WHERE k.login = n.login) RETURNING login
"""
_ROLES = """
DELETE FROM staff_role n WHERE NOT EXISTS (SELECT FROM kept.staff_role k WHERE k.login = n.login AND k.role = n.role)
RETURNING n.login
"""
_FACTORS = """
UPDATE staff_factor n SET ended_at = k.ended_at, ended_by = k.ended_by, sign_count = k.sign_count, last_step = k.last_step,
  last_used_at = k.last_used_at
FROM kept.staff_factor k WHERE k.factor_no = n.factor_no RETURNING n.factor_no
"""
_CODES = (
    """
    UPDATE staff_recovery_code n SET used_at = k.used_at FROM kept.staff_recovery_code k
    WHERE k.login = n.login AND k.fingerprint = n.fingerprint RETURNING n.login
    """,
    """
    UPDATE staff_registration_code n SET used_at = k.used_at FROM kept.staff_registration_code k
    WHERE k.login = n.login AND k.fingerprint = n.fingerprint RETURNING n.login
    """,
)
_END_SESSIONS = """
UPDATE staff n SET session_epoch = 1 + greatest(n.session_epoch, (SELECT k.session_epoch FROM kept.staff k WHERE k.login = n.login))
RETURNING n.login
"""
_HELD = "EXISTS (SELECT FROM staff s WHERE s.login = k.login)"


def carry(carrying: Carrying) -> Iterator[Difference]:
    """Closed stays closed, the newest password and second factor hold, a role has to be in both states, every session ends."""
    compared = carrying.fetch(_COMPARED)
    carrying.fetch(_FREE)
    for statement in (_STRICTER, _CLOSE_GONE, _ROLES, _FACTORS, *_CODES):
        carrying.fetch(statement)
    for table in ("staff_factor", "staff_recovery_code", "staff_registration_code"):
        carrying.add_missing(table, _HELD)
    ended = carrying.fetch(_END_SESSIONS)
    yield Difference("staff", f"{len(ended)}アカウントのログイン中の状態をすべて終わらせました。")
    for row in compared:
        yield from _told(row)


def _told(row: Mapping[str, Any]) -> Iterator[Difference]:
    subject, name = f"staff:{row['login']}", f"アカウント {row['login']}: "
    if row["is_new"]:
        text = f"{name}戻した時点より後に作られたため、ありません。必要なら作り直してください(yoriai staff add)。"
        yield Difference(subject, text, needs_decision=True)
        return
    if row["is_gone"]:
        yield Difference(subject, f"{name}戻した時点より後に削除されたため、閉鎖しました。")
        return
    kept = [
        ("閉鎖したまま", row["was_closed"]),
        ("新しいパスワード", row["has_new_password"]),
        (f"新しい二要素認証 {row['factors']}件", row["factors"]),
        (f"終了した二要素認証 {row['ended']}件は終了のまま", row["ended"]),
        (f"外された役割({'、'.join(row['taken'])})は外したまま", row["taken"]),
    ]
    if told := [text for text, is_so in kept if is_so]:
        yield Difference(subject, f"{name}引き継ぎました: {'、'.join(told)}。")
    if row["was_reopened"]:
        yield Difference(
            subject,
            f"{name}閉鎖が後で解かれていましたが、閉鎖に戻りました。使うか確かめてください。",
            needs_decision=True,
        )
    if row["given"]:
        text = f"{name}後で与えられた役割({'、'.join(row['given'])})は与えていません。必要なら yoriai staff add で与え直します。"
        yield Difference(subject, text, needs_decision=True)
