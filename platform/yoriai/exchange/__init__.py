"""データ連携: what businesses publish is given to other systems by a pull API and by files, and what others send is taken in.

Knows no business. Each says in `Business.exchanged` which of its published views other systems may have, and in `Business.received`
what it takes from files. Protected people are masked as in extractions; every row that leaves is in the audit chain.
"""

from pathlib import Path

from yoriai.registry import Companion

companion = Companion(
    name="exchange",
    label="データ連携",
    folder=Path(__file__).parent,
    permissions={
        "exchange.pull": "他システムによるデータの取得（API）",
        "exchange.view": "データ連携の状況の照会",
        "exchange.send": "連携ファイルの作成",
        "exchange.receive": "受信ファイルの取込みと、保留した行の訂正",
    },
    router="yoriai.exchange.routes:router",
    carried="yoriai.exchange.carried:carry",
    menu=(
        ("データ連携の状況", "/", "exchange.view"),
        ("受信で保留した行", "/rows", "exchange.receive"),
    ),
)
