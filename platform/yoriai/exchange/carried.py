"""What other systems were given, and may have, after a municipality was taken back."""

from collections.abc import Iterator

from yoriai.tenancy.carrying import Carrying, Difference

_REVOKED = """
UPDATE exchange_scope n SET revoked_at = k.revoked_at, revoked_by = k.revoked_by FROM kept.exchange_scope k
WHERE k.scope_no = n.scope_no AND k.revoked_at IS NOT NULL AND n.revoked_at IS NULL RETURNING n.login, n.data_set
"""
_GRANTED = """
SELECT k.login, k.data_set FROM kept.exchange_scope k WHERE k.revoked_at IS NULL
AND NOT EXISTS (SELECT FROM exchange_scope n WHERE n.scope_no = k.scope_no) ORDER BY 1, 2
"""
# What was given is what is compared with: whatever has gone back gets a new change number, and is given anew.
_FORGET = ("DELETE FROM exchange_change RETURNING key", "DELETE FROM exchange_set RETURNING data_set")
_CHANGED = """
SELECT k.data_set FROM kept.exchange_set k
WHERE NOT EXISTS (SELECT FROM exchange_set n WHERE n.data_set = k.data_set AND n.change_no = k.change_no) ORDER BY 1
"""
_RECEIVED = """
SELECT k.file_no, k.path FROM kept.exchange_file k WHERE k.kind = 'received'
AND NOT EXISTS (SELECT FROM exchange_file n WHERE n.file_no = k.file_no) ORDER BY 1
"""


def carry(carrying: Carrying) -> Iterator[Difference]:
    """Revoked scopes stay revoked; what was given is remembered, so that what has gone back is given as a change."""
    for row in carrying.fetch(_REVOKED):
        yield Difference(
            f"staff:{row['login']}", f"アカウント {row['login']}: {row['data_set']} の取得許可は取り消したままです。"
        )
    for row in carrying.fetch(_GRANTED):
        text = (
            f"アカウント {row['login']}: 後で許可された {row['data_set']} の取得は許可していません。"
            "必要なら許可し直してください(yoriai exchange account)。"
        )
        yield Difference(f"staff:{row['login']}", text, needs_decision=True)
    changed = [row["data_set"] for row in carrying.fetch(_CHANGED)]
    for statement in _FORGET:
        carrying.fetch(statement)
    carrying.add_missing("exchange_set")
    carrying.add_missing("exchange_change")
    sent = carrying.add_missing("exchange_file", "k.kind <> 'received'")
    if changed or sent:
        text = f"変更番号と送付ファイル{len(sent)}件の記録を引き継ぎました。戻った内容は次の取得・差分で変更として渡ります。"
        yield Difference("exchange", text)
    for row in carrying.fetch(_RECEIVED):
        text = f"{row['path']} を受信した記録と登録した内容がありません。taken/ のファイルを in/ に戻して受信し直してください。"
        yield Difference(f"exchange_file:{row['file_no']}", text, needs_decision=True)
