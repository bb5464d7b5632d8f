"""What a stolen password table costs its thief."""

from argon2 import Type, extract_parameters

from yoriai.web import identity


def test_a_password_is_stored_at_the_cost_rfc_9106_recommends() -> None:
    """RFC 9106, section 4: argon2id, 3 passes over 64 MiB in 4 lanes, 128 bits of salt and 256 of tag, or more of each."""
    # Made by the installation's own hasher when the module was imported, before the tests put a cheap one in its place.
    cost = extract_parameters(identity._NOBODY)
    assert cost.type is Type.ID
    assert (cost.time_cost >= 3, cost.memory_cost >= 64 * 1024, cost.parallelism >= 4) == (True, True, True)
    assert (cost.salt_len >= 16, cost.hash_len >= 32) == (True, True)
    # It is that hasher, whatever it is, that stores and proves passwords.
    stored = identity.hash_password("ひみつの言葉")
    assert extract_parameters(stored) == extract_parameters(identity._hasher.hash(""))
    assert identity._verify(stored, "ひみつの言葉")
    assert not identity._verify(stored, "ひみつの言葉 ")
    assert not identity._verify(None, "nobody"), "of no account the password is right"
