"""How long names are kept, and what of a day of birth stays."""

from datetime import date

import pytest

from portal import protocols
from portal.domain.retention import age_only_birthday, keep_until


def test_names_are_kept_for_thirty_years_after_whichever_end_is_later() -> None:
    trial_ends_on = date(2028, 3, 31)
    assert keep_until(years=30, trial_ends_on=trial_ends_on, ended_on=date(2026, 1, 1)) == date(2058, 3, 31)
    assert keep_until(years=30, trial_ends_on=trial_ends_on, ended_on=date(2028, 5, 2)) == date(2058, 5, 2)
    assert keep_until(years=1, trial_ends_on=trial_ends_on, ended_on=date(2032, 2, 29)) == date(2033, 2, 28)


@pytest.mark.parametrize(
    ("born_on", "enrolled_on", "left"),
    [("1992-03-14", "2026-11-23", "1992-11-23"), ("1992-12-14", "2026-11-23", "1993-11-23"),
     ("2000-02-29", "2028-02-29", "2000-02-29"), ("1999-03-01", "2028-02-29", "2000-02-29")],
)  # fmt: skip
def test_of_a_birthday_the_age_at_enrolment_stays(born_on: str, enrolled_on: str, left: str) -> None:
    found = age_only_birthday(date.fromisoformat(born_on), enrolled_on=date.fromisoformat(enrolled_on))
    assert found == date.fromisoformat(left)


def test_how_long_is_an_assumption_of_the_protocol() -> None:
    assert "retention.identifier_years" in {one.key for one in protocols.load_protocol().assumptions}
