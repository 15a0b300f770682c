"""A form filled in again on the page that it is on, and nothing else of the page changed."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.staff.form_refill import refilled
from tests.support.web.visitor import Page

TOP = '<!DOCTYPE html><html lang="en"><!-- one --><body><p>&eacute; &#169; &amp; <br></p>'
FORM = (
    '<details class="a"><form method="post" action="/a"><input type="hidden" name="v" value="7">'
    '<input name="n" type="text" value="old" maxlength="9"><input type="password" name="p">'
    '<input type="radio" name="r" value="x" checked><input type="radio" name="r" value="y">'
    '<input type="checkbox" name="c" value="1" checked><input type="checkbox" name="c" value="2">'
    '<select name="s"><option value="">-</option><option value="k" selected>K</option><option value="l">L</option>'
    "</select>"
    '<textarea name="t">\nwas</textarea><button name="b" value="z">Send</button></form></details>'
)
PAGE = f'{TOP}<form method="post" action="/b"><input name="n" type="text" value="other"></form>{FORM}</body></html>'


def again(*typed: tuple[str, str], page: str = PAGE) -> str:
    shown = refilled(page, action="/a", typed=typed)
    assert shown is not None
    return shown


def test_what_was_typed_ticked_and_chosen_is_there_again() -> None:
    shown = Page(again(("n", 'a "b" <c>'), ("r", "y"), ("c", "2"), ("s", "l"), ("t", "one\n<two>")))
    form = shown.form("/a")
    assert form.values[1:] == [("n", 'a "b" <c>'), ("p", ""), ("r", "y"), ("c", "2"), ("s", "l"), ("t", "one\n<two>")]


def test_hidden_values_secrets_and_other_forms_stay_as_the_page_has_them() -> None:
    form = Page(again(("n", "new"), ("v", "7"), ("p", "secret"), ("r", "x"), ("c", "1")))
    assert dict(form.form("/a").values)["v"] == "7"
    assert form.form("/b").values == [("n", "other")]
    assert "secret" not in again(("p", "secret"))


def test_a_fold_around_the_form_is_opened_and_the_rest_is_untouched() -> None:
    same = again(("n", "old"), ("r", "x"), ("c", "1"), ("s", "k"), ("t", "was"))
    assert same.replace("<details open", "<details") == PAGE


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))))
def test_any_words_come_back_as_they_were(words: str) -> None:
    shown = again(("t", words), ("n", words))
    assert f">\n{escape(words, quote=False)}</textarea>" in shown
    assert f'value="{escape(words)}"' in shown


@pytest.mark.parametrize("account", ["1", "2"])
def test_of_two_forms_that_go_to_one_place_it_is_the_one_that_was_sent(account: str) -> None:
    page = "".join(
        f'<form method="post" action="/a"><input type="hidden" name="id" value="{one}"><input name="n" value=""></form>'
        for one in (1, 2)
    )
    filled = [form.values for form in Page(again(("id", account), ("n", "new"), page=page)).forms]
    assert [("n", "new") in values for values in filled] == [account == "1", account == "2"]


def test_a_page_without_the_form_says_so() -> None:
    assert refilled(PAGE, action="/gone", typed=[("n", "x")]) is None
