"""How many wrong attempts an account has, and for how long it is shut then: one rule for passwords and second factors."""

from datetime import timedelta

MAX_FAILURES = 5
LOCK = timedelta(minutes=15)


def locked_text() -> str:
    """What is said of an account that is shut."""
    minutes = int(LOCK.total_seconds() // 60)
    wait = f"{minutes}分ほどたってから試すか、管理者に申し出てください。"
    return f"続けて{MAX_FAILURES}回失敗したため、しばらくログインできません。{wait}"
