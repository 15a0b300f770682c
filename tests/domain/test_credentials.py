"""Card codes, PINs, passwords and locks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import credentials
from portal.domain.credentials import ALPHABET, CODE_LENGTH, is_locked, locked_until, new_card_code, read_card_code

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BORN = date(1992, 3, 14)
codes = st.builds(new_card_code)


@given(codes)
def test_a_code_is_read_as_it_is_printed(code: str) -> None:
    assert read_card_code(credentials.format_card_code(code)) == code


@given(codes)
def test_no_code_looks_like_a_phone_number(code: str) -> None:
    assert not code.isdigit()


@given(codes, st.integers(0, CODE_LENGTH - 1), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_noticed(code: str, place: int, other: str) -> None:
    typed = code[:place] + other + code[place + 1 :]
    assert read_card_code(typed) == (code if typed == code else None)


@given(codes, st.integers(0, CODE_LENGTH - 1), st.integers(0, CODE_LENGTH - 1))
def test_any_two_swapped_characters_are_noticed(code: str, one: int, other: int) -> None:
    typed = list(code)
    typed[one], typed[other] = typed[other], typed[one]
    assert read_card_code("".join(typed)) == (code if code[one] == code[other] else None)


def a_code_with(characters: str) -> str:
    while True:
        code = new_card_code()
        if all(character in code for character in characters):
            return code


@pytest.mark.parametrize(
    "typed_as",
    [
        str.lower,
        lambda code: f"  {code[:3]} {code[3:6]}-{code[6:]} ",
        lambda code: code.replace("0", "O"),
        lambda code: code.replace("0", "o"),
        lambda code: code.replace("1", "I"),
        lambda code: code.replace("1", "l"),
        lambda code: f"{code[:5]}–{code[5:]}",
        lambda code: "".join(chr(ord(character) + 0xFEE0) for character in code),
    ],
    ids=["lower case", "spaces and a dash", "O for 0", "o for 0", "I for 1", "l for 1", "a long dash", "full width"],
)
def test_a_code_is_tolerant_of_how_it_is_typed(typed_as) -> None:  # type: ignore[no-untyped-def]
    code = a_code_with("01")
    assert read_card_code(typed_as(code)) == code


@pytest.mark.parametrize(
    "text", ["", "ABC", "13800138000", "1380013800", "ABCDEFGHJKMN", "ABCDEFGHJ!", "微信微信微信微信微信"]
)
def test_what_is_no_code_is_not_looked_up(text: str) -> None:
    assert read_card_code(text) is None


@pytest.mark.parametrize("pin", ["482913", "907135", "100001", "314159", "120589"])
def test_an_ordinary_pin_will_do(pin: str) -> None:
    assert credentials.pin_problem(pin, born_on=BORN) is None


@pytest.mark.parametrize(
    "pin",
    [
        "000000",
        "999999",
        "123456",
        "654321",
        "012345",
        "890123",
        "543210",
        "121212",
        "123123",
        "520520",
        "112233",
        "147258",
    ],
)
def test_a_pin_that_everybody_tries_first_is_refused(pin: str) -> None:
    assert credentials.pin_problem(pin, born_on=BORN) == "This PIN is easy to guess. Please choose another one."


@pytest.mark.parametrize("pin", ["199203", "031992", "199214", "920314", "140392", "031492", "719928"])
def test_a_pin_with_the_date_of_birth_is_refused(pin: str) -> None:
    assert credentials.pin_problem(pin, born_on=BORN) == "Please choose a PIN without the date of birth in it."


@pytest.mark.parametrize("pin", ["", "48291", "4829133", "48291a", "４８２９１３", "-48291"])
def test_a_pin_is_six_digits(pin: str) -> None:
    assert credentials.pin_problem(pin, born_on=BORN) == "Enter six digits."


def test_full_width_digits_and_spaces_are_read_as_plain_digits() -> None:
    assert credentials.read_digits(" ４８２ ９１３ ") == "482913"


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, None), (4, None), (5, 1), (6, 5), (7, 15), (8, 60), (9, 60), (500, 60)]
)
def test_each_further_wrong_try_locks_for_longer(tries: int, minutes: int | None) -> None:
    assert locked_until(tries, now=NOW) == (NOW + timedelta(minutes=minutes) if minutes else None)


@pytest.mark.parametrize(("after", "held"), [(0, True), (59, True), (60, False), (61, False)])
def test_a_lock_opens_at_its_end(after: int, held: bool) -> None:
    assert is_locked(NOW + timedelta(seconds=60), now=NOW + timedelta(seconds=after)) is held


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "Use at least 12 characters."),
        ("elevenchars", "Use at least 12 characters."),
        ("x" * 201, "Use at most 200 characters."),
        ("abababababab", "This password is easy to guess. Please choose another one."),
        ("my li.na password", "This password is easy to guess. Please choose another one."),
        ("correct horse battery", None),
        ("正确的马电池订书钉在这里了", None),
    ],
)
def test_a_password_of_the_study_team_is_long_and_not_their_name(password: str, problem: str | None) -> None:
    assert credentials.password_problem(password, avoid=("Li.Na",)) == problem
