"""How a business follows 宛名: one number after a 名寄せ, where a letter goes, what holds it back, which account is used.

Joins for the statements of other businesses, so that night and counter ask in one way. A statement names its own rows `a`, with the
number it keeps as `a.addressee_no`, and puts the join after them. `$1` is the business, `$2` the day, for `ACCOUNT` `$3` the use.
"""

from typing import Final

# Each join is one that an index serves row by row: a plan made before the server has counted new tables would take hours else.
_REPRESENTATIVE: Final = """
(SELECT coalesce((SELECT j.representative_no FROM fact_joined_addressee j WHERE j.addressee_no = a.addressee_no), a.addressee_no)
        AS no) AS p
"""
LETTER: Final = f"""
 CROSS JOIN LATERAL (
   SELECT p.no, coalesce(d.name, r.name) AS name, coalesce(r.name, '') AS own_name,
          CASE WHEN d.id IS NULL THEN r.postcode ELSE d.postcode END AS postcode, coalesce(d.address, r.address) AS address,
          CASE WHEN d.id IS NULL THEN r.building ELSE d.building END AS building,
          CASE WHEN d.is_agent OR d.name <> r.name THEN r.name ELSE '' END AS principal, coalesce(d.role, '') AS role,
          d.id IS NOT NULL AS is_sent_elsewhere, u.told,
          CASE WHEN d.id IS NULL THEN coalesce(r.standing = 'resident', false) ELSE d.is_home END AS is_home,
          CASE WHEN a.addressee_no IS NULL THEN NULL
               WHEN u.told IS NOT NULL THEN u.told || '。居所を確かめてください。'
               WHEN d.id IS NULL AND EXISTS (SELECT FROM fact_hidden_person h WHERE h.addressee_no = p.no)
                 THEN '支援措置のため一括の通知から除きました。送付先を登録するか、個別に送ってください。'
               WHEN d.id IS NULL AND coalesce(r.standing, 'former') = 'former'
                 THEN '住民票がありません (転出・死亡)。送付先を登録してください。'
               WHEN coalesce(d.address, r.address) = '' THEN '住所がありません。' END AS problem
     FROM {_REPRESENTATIVE}
    CROSS JOIN LATERAL (SELECT ARRAY(SELECT g.addressee_no FROM fact_joined_addressee g WHERE g.representative_no = p.no)
                               || p.no AS nos) AS same
     LEFT JOIN LATERAL (SELECT f.id, f.name, f.postcode, f.address, f.building, f.role, f.is_agent, f.is_home
                          FROM fact_destination f
                         WHERE f.addressee_no = ANY(same.nos) AND f.business IN ($1, 'all')
                           AND f.valid_from <= $2 AND f.valid_to >= $2
                         ORDER BY f.business = 'all', f.rank, f.id DESC LIMIT 1) AS d ON true
    CROSS JOIN LATERAL (SELECT string_agg(f.label || ' ' || f.item, '、' ORDER BY f."on", f.item) AS told FROM fact_undelivered f
                         WHERE f.addressee_no = ANY(same.nos) AND f.business IN ($1, 'all')) AS u
     LEFT JOIN fact_addressee r ON r.addressee_no = p.no
 ) AS letter
"""  # noqa: S608  the number after a 名寄せ
"""`letter`: `no` is the number a letter bears, `name`, `postcode`, `address`, `building` where it goes, `principal` and `role` in
whose matter; `is_home` that it is a home in the municipality, whose name does not stand in the address; `told` the
open 返戻 and 公示送達, `problem` why it does not go out in bulk."""

ACCOUNT: Final = f"""
 CROSS JOIN LATERAL (
   SELECT p.no, ARRAY(SELECT g.addressee_no FROM fact_joined_addressee g WHERE g.representative_no = p.no) || p.no AS nos
     FROM {_REPRESENTATIVE}
 ) AS own
  LEFT JOIN LATERAL (
   SELECT f.id, f.addressee_no AS holder_no, f.bank_code, f.bank_name, f.branch_code, f.branch_name, f.account_type,
          f.account_number, f.holder_kana
     FROM fact_bank_account f
    WHERE f.addressee_no = ANY(own.nos) AND f.business IN ($1, 'all') AND f.account_use = $3
      AND f.valid_from <= $2 AND f.valid_to >= $2
    ORDER BY f.business = 'all', f.addressee_no <> a.addressee_no, f.id DESC LIMIT 1
 ) AS account ON true
"""  # noqa: S608  the number after a 名寄せ
"""`account`: the one account of the business and use on the day, of the number itself before one of a joined number; NULL where
there is none. `own.no` is the number it is paid under after a 名寄せ."""
ACCOUNT_COLUMNS: Final = """
account.bank_code, account.bank_name, account.branch_code, account.branch_name, account.account_type, account.account_number,
account.holder_kana
"""
_COLUMNS: Final = """
letter.no, letter.name, letter.postcode, letter.address, letter.building, letter.principal, letter.role, letter.told,
letter.is_home
"""
DIVERTED: Final = f"""
SELECT a.addressee_no, letter.is_sent_elsewhere, {_COLUMNS}
  FROM (
    WITH named AS (
      SELECT f.addressee_no FROM fact_undelivered f WHERE f.business IN ($1, 'all')
      UNION SELECT f.addressee_no FROM fact_destination f
             WHERE f.business IN ($1, 'all') AND f.valid_from <= $2 AND f.valid_to >= $2
    ), whole AS (
      SELECT DISTINCT coalesce(j.representative_no, n.addressee_no) AS no
        FROM named n LEFT JOIN fact_joined_addressee j ON j.addressee_no = n.addressee_no
    )
    SELECT no AS addressee_no FROM whole
    UNION SELECT j.addressee_no FROM fact_joined_addressee j JOIN whole ON whole.no = j.representative_no
  ) AS a {LETTER}
"""  # noqa: S608  its own joins
"""Everybody whose letters of a business (`$1`) do not simply go to their own home on a day (`$2`): few, whatever the population."""
