"""Words of a page: kept for a request, forgotten when the language changes, and safe."""

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale, gettext, refresh

SAID = {"en": "Temperature", "zh-CN": "体温"}


@pytest.mark.parametrize("language", list(SAID))
def test_words_are_in_the_language_of_the_request(app: Flask, language: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert [gettext("Temperature"), render_template_string("{{ _('Temperature') }}")] == 2 * [SAID[language]]


def test_a_language_that_is_forced_holds_as_long_as_it_is_and_not_longer(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        before = gettext("Temperature")
        with force_locale("zh_Hans_CN"):
            within = gettext("Temperature")
        assert [before, within, gettext("Temperature")] == ["Temperature", "体温", "Temperature"]


def test_a_language_chosen_in_the_middle_of_a_request_holds_from_there(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}) as context:
        assert gettext("Temperature") == "Temperature"
        context.session["language"] = "zh-CN"
        refresh()
        assert gettext("Temperature") == "体温"


def test_what_is_put_into_a_sentence_is_escaped_and_a_lone_percent_sign_stands(app: Flask) -> None:
    with app.test_request_context():
        said = render_template_string(
            "{{ _('%(n)s <b>', n='<i>') }} {{ _('100 %%') }} {{ ngettext('a', '%(num)s', 2) }}"
        )
        assert said == "&lt;i&gt; <b> 100 % 2"
