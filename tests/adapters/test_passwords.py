"""The list of passwords that everybody tries first."""

import pytest

from portal.adapters.common_passwords import FOLDER, is_common
from portal.demo.team import MEMBERS


@pytest.mark.parametrize(
    "password",
    ["P@ssw0rd2026!", "shanghaishanghai", "123456789012", "abcdefghijkl", "qwertyuiop12", "iloveyou1234",
     "Ruijin2026!!", "ruijinhospital1", "Summer2026!!!!", "wodemima2026", "１２３４５６７８９０１２",
     "ruijin-hospital"],
)  # fmt: skip
def test_a_common_word_is_known_however_it_is_dressed(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", ["correct horse battery staple", "gJ7#kd93nmzz", "春眠不觉晓处处闻啼鸟夜来风雨声"])
def test_what_nobody_tries_first_is_left_alone(password: str) -> None:
    assert not is_common(password)


def test_the_passwords_of_the_demo_would_do() -> None:
    assert not any(is_common(member.password) for member in MEMBERS)


def test_the_list_holds_more_than_the_three_thousand_that_asvs_asks_for() -> None:
    words = (FOLDER / "common.txt").read_text(encoding="utf-8").split()
    assert len(words) == len(set(words)) > 3000
    assert all(word == word.lower() for word in words)
