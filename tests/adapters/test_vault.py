import pytest

from portal.adapters.encryption import CannotDecrypt, Vault, new_key

INDEX = new_key()


def test_a_value_comes_back() -> None:
    vault = Vault([new_key()], INDEX)
    assert vault.decrypt(vault.encrypt("王".encode(), b"participant.name"), b"participant.name").decode() == "王"


def test_the_first_key_encrypts_and_the_old_one_still_opens() -> None:
    old, new = new_key(), new_key()
    token = Vault([old], INDEX).encrypt(b"x", b"c")
    rotated = Vault([new, old], INDEX)
    assert rotated.decrypt(token, b"c") == b"x"
    with pytest.raises(CannotDecrypt):
        Vault([old], INDEX).decrypt(rotated.encrypt(b"x", b"c"), b"c")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    vault = Vault([new_key()], INDEX)
    with pytest.raises(CannotDecrypt):
        vault.decrypt(vault.encrypt(b"x", b"participant.name"), b"participant.born_on")


def test_a_flipped_byte_does_not_open() -> None:
    vault = Vault([new_key()], INDEX)
    token = bytearray(vault.encrypt(b"x", b"c"))
    token[-1] ^= 1
    with pytest.raises(CannotDecrypt):
        vault.decrypt(bytes(token), b"c")


def test_equal_values_have_equal_blind_indexes_of_one_kind_only() -> None:
    vault = Vault([new_key()], INDEX)
    assert vault.blind_index("phone", "+1") == Vault([new_key()], INDEX).blind_index("phone", "+1")
    assert vault.blind_index("phone", "+1") != vault.blind_index("card", "+1")


def test_a_data_key_opens_with_the_vault_that_wrapped_it() -> None:
    vault = Vault([new_key()], INDEX)
    wrapped = vault.new_data_key()
    token = vault.open_data_key(wrapped).encrypt(b"x", b"c")
    assert vault.open_data_key(wrapped).decrypt(token, b"c") == b"x"
