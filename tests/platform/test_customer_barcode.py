"""カスタマバーコード: the examples that Japan Post publishes for checking a program (郵便番号・バーコードマニュアル)."""

import pytest

from yoriai.documents.customer_barcode import address_number, customer_bars, customer_codes, read_bars

PUBLISHED = [
    ("263-0023", "千葉市稲毛区緑町3丁目30-8　郵便ビル403号", "3-30-8-403", "5"),
    ("014-0113", "秋田県大仙市堀見内　南田茂木　添60-1", "60-1", "CC8"),
    ("110-0016", "東京都台東区台東5-6-3　ABCビル10F", "5-6-3-10", "9"),
    ("060-0906", "北海道札幌市東区北六条東4丁目　郵便センター6号館", "4-6", "9"),
    ("065-0006", "北海道札幌市東区北六条東8丁目　郵便センター10号館", "8-10", "9"),
    ("407-0033", "山梨県韮崎市龍岡町下條南割　韮崎400", "400", "-"),
    ("273-0102", "千葉県鎌ケ谷市右京塚　東3丁目-20-5　郵便・A&bコーポB604号", "3-20-5B604", "0"),
    ("198-0036", "東京都青梅市河辺町十一丁目六番地一号　郵便タワー601", "11-6-1-601", "CC8"),
    ("027-0203", "岩手県宮古市大字津軽石第二十一地割大淵川480", "21-480", "CC5"),
    ("590-0016", "大阪府堺市堺区中田出井町四丁六番十九号", "4-6-19", "CC2"),
    ("080-0831", "北海道帯広市稲田町南七線　西28", "7-28", "CC7"),
    ("317-0055", "茨城県日立市宮田町6丁目7-14　ABCビル2F", "6-7-14-2", "CC1"),
    ("650-0046", "神戸市中央区港島中町9丁目7-6　郵便シティA棟1F1号", "9-7-6A1-1", "5"),
    ("623-0011", "京都府綾部市青野町綾部6-7　LプラザB106", "6-7LB106", "4"),
    ("100-0013", "東京都千代田区霞が関1丁目3番2号　郵便プラザ503室", "1-3-2-503", "9"),
]


@pytest.mark.parametrize(("postcode", "address", "number", "check"), PUBLISHED)
def test_published_addresses_give_the_published_codes_and_check_digits(
    postcode: str, address: str, number: str, check: str
) -> None:
    assert address_number(address) == number
    codes = customer_codes(postcode, address)
    assert "".join(codes[:7]) == postcode.replace("-", "")
    assert codes[-1] == check
    assert len(codes) == 21


def test_what_is_too_long_is_cut_and_of_a_cut_letter_its_control_code_stays() -> None:
    long = customer_codes("0640804", "南四条西29丁目1524-23　第2郵便ハウス501")
    assert "".join(long[7:20]) == "29-1524-23-2-"
    assert long[-1] == "3"
    letter = customer_codes("9100067", "新田塚3丁目80-25　J1ビル2-B")
    assert letter[7:20] == ("3", "-", "8", "0", "-", "2", "5", "CC1", "9", "1", "-", "2", "CC1")


def test_the_bars_are_67_of_four_kinds_and_read_back() -> None:
    bars = customer_bars("1000014", "東京都千代田区永田町1丁目11-32")
    assert len(bars) == 67
    assert set(bars) == set("1234")
    codes = read_bars(bars)
    assert "".join(code for code in codes[:-1] if code != "CC4") == "10000141-11-32"
    spoilt = bars[:2] + ("144" if bars[2:5] != "144" else "114") + bars[5:]
    with pytest.raises(ValueError, match="check digit"):
        read_bars(spoilt)


@pytest.mark.parametrize(("postcode", "address"), [(None, "1-1"), ("738", "1-1"), ("7380000", "1-1")])
def test_without_a_postcode_or_with_that_of_the_whole_town_there_is_no_barcode(
    postcode: str | None, address: str
) -> None:
    assert customer_bars(postcode, address) == ""


def test_numerals_inside_names_of_places_do_not_count() -> None:
    assert address_number("大野四十八坂12番地5") == "12-5"
    assert address_number("一番町3番地") == "3"
    assert address_number("城内三丁目１番２号") == "3-1-2"
    assert address_number("廿日市二丁目２−５の３") == "2-2-5-3"
