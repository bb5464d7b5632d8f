"""印鑑登録 after a municipality was taken back: what somebody had stopped or reported lost since does not become good again."""

from collections.abc import Iterator

from modules.resident.seal_registration.models import CARD_ENDS
from modules.resident.seal_registration.states import AUTOMATIC, STATE_LABELS, State
from yoriai.tenancy.carrying import Carrying, Difference

# Not what followed from the register: its movements have gone back, and end the registration again when they are entered again.
_STOPPED = """
SELECT n.registration_no, k.status FROM seal_registration_state n
JOIN kept.seal_registration_state k ON k.registration_no = n.registration_no
WHERE n.superseded_at IS NULL AND n.valid_to = '9999-12-31' AND n.status = 'active'
  AND k.superseded_at IS NULL AND k.valid_to = '9999-12-31' AND k.status IN ('suspended', 'ended')
  AND (k.end_reason IS NULL OR NOT k.end_reason = ANY(%s)) ORDER BY 1
"""
_SUPERSEDED = """
UPDATE seal_registration_state n SET superseded_at = k.superseded_at FROM kept.seal_registration_state k
WHERE k.id = n.id AND n.registration_no = ANY(%s) AND n.superseded_at IS DISTINCT FROM k.superseded_at RETURNING n.id
"""
_VERSION = """
UPDATE seal_registration n SET version = k.version FROM kept.seal_registration k
WHERE k.registration_no = n.registration_no AND n.registration_no = ANY(%s) RETURNING n.registration_no
"""
_CARDS = """
UPDATE seal_card n SET ended_on = k.ended_on, end_reason = k.end_reason, ended_at = k.ended_at, ended_by = k.ended_by
FROM kept.seal_card k WHERE k.card_no = n.card_no AND k.ended_on IS NOT NULL AND n.ended_on IS NULL
  AND (k.end_reason <> 'ended' OR n.registration_no = ANY(%s)) RETURNING n.card_no, n.end_reason
"""
_NEW_CARDS = """
SELECT k.card_no, k.registration_no FROM kept.seal_card k JOIN seal_registration r ON r.registration_no = k.registration_no
WHERE k.ended_on IS NULL AND NOT EXISTS (SELECT FROM seal_card n WHERE n.card_no = k.card_no) ORDER BY 1
"""


def carry(carrying: Carrying) -> Iterator[Difference]:
    """Stops, endings that somebody asked for and lost cards are taken over; a card handed out since is not good, to be decided."""
    stopped = carrying.fetch(_STOPPED, list(AUTOMATIC))
    numbers = [row["registration_no"] for row in stopped]
    carrying.fetch(_SUPERSEDED, numbers)
    carrying.add_missing("seal_act", "k.registration_no = ANY(%s)", numbers)
    carrying.add_missing("seal_registration_state", "k.registration_no = ANY(%s)", numbers)
    carrying.fetch(_VERSION, numbers)
    for row in stopped:
        text = (
            f"印鑑登録 第{row['registration_no']}号: 後の「{STATE_LABELS[State(row['status'])][0]}」を引き継ぎました。"
        )
        yield Difference(f"seal_registration:{row['registration_no']}", text)
    for row in carrying.fetch(_CARDS, numbers):
        text = f"印鑑登録証 第{row['card_no']}号: 後の「{CARD_ENDS[row['end_reason']]}」を引き継ぎました。使えません。"
        yield Difference(f"seal_card:{row['card_no']}", text)
    for row in carrying.fetch(_NEW_CARDS):
        text = (
            f"印鑑登録証 第{row['card_no']}号(登録 第{row['registration_no']}号)は後で交付されたため、使えません。"
            "本人に連絡し、交付し直してください。"
        )
        yield Difference(f"seal_card:{row['card_no']}", text, needs_decision=True)
