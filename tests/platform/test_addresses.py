"""Numbers in addresses, and the order that follows from them."""

from yoriai.addresses import address_order, with_digits


def test_numerals_count_before_a_word_for_a_part_and_not_inside_a_name() -> None:
    assert with_digits("本町二十一丁目三番地") == "本町21丁目3番地"
    assert with_digits("一番町二の宮") == "一番町二の宮"


def test_addresses_stand_in_the_order_of_their_numbers() -> None:
    streets = ["桜尾一丁目2番9号", "桜尾一丁目10番1号", "桜尾二丁目1番", "桜尾三丁目1番", "桜尾十丁目1番"]
    for listed in (streets, ["山陽園９番地", "山陽園128番地"]):
        assert sorted(sorted(listed), key=address_order) == listed
