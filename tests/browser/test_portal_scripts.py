"""The two scripts on bare pages in a real browser: what they add, and what they must never take away."""

import pytest
from playwright.sync_api import Page, Route, expect

from portal.web.http.static_files import FOLDER

pytestmark = pytest.mark.browser
ORIGIN = "http://portal.test"
DIARY = """
<form method="post" action="/sent">
  <input type="radio" name="taken" value="true" id="yes"><input type="radio" name="taken" value="false" id="no">
  <div id="temperature-item" data-enable-when='[{"question": "taken", "operator": "=", "answer": true}]'>
    <input name="temperature" id="temperature"></div>
  <div id="fever-item" data-enable-when='[{"question": "temperature", "operator": ">=", "answer": 38}]'>Fever?</div>
  <div id="elsewhere-item" data-enable-when='[{"question": "another-page", "operator": "exists", "answer": true}]'>
  </div>
  <input type="checkbox" name="signs" value="rash" id="rash">
  <input type="checkbox" name="signs" value="none" id="none" data-exclusive>
  <button type="submit" id="send" name="go" value="1">Send</button>
</form>"""
ROW = '<p data-episode="{0}" data-severity="{1}" data-announce="Episode {0}"><a href="/e/{0}">Episode {0}</a></p>'
LIST = """<div aria-live="assertive" data-live-announcer></div><p data-live-stale hidden>Stale</p>
<button data-live-pause hidden>Pause</button><div data-live data-live-every="100">{}</div>"""


class Site:
    """A pretended portal: ``body`` is what the page holds when it is asked for next."""

    def __init__(self, page: Page) -> None:
        self.page, self.body, self.script = page, "", "portal"
        self.posts: list[str] = []
        self.status, self.asked = 200, 0
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path.endswith(".js"):
            route.fulfill(body=(FOLDER / path.lstrip("/")).read_text(), content_type="text/javascript")
        elif route.request.method == "POST":
            self.posts.append(route.request.post_data or "")
            route.fulfill(status=204)
        else:
            self.asked += 1
            head = f'<!DOCTYPE html><html lang="en"><title>Triage</title><script type="module" src="/{self.script}.js">'
            route.fulfill(body=f"{head}</script>{self.body}", content_type="text/html", status=self.status)

    def open(self, body: str, script: str = "portal") -> Page:
        self.body, self.script = body, script
        self.page.goto(ORIGIN)
        return self.page


@pytest.fixture
def site(page: Page) -> Site:
    return Site(page)


def test_a_question_appears_with_its_cause_and_goes_with_it(site: Site) -> None:
    page = site.open(DIARY)
    expect(page.locator("#temperature-item")).to_be_hidden()
    page.check("#yes")
    expect(page.locator("#temperature-item")).to_be_visible()


def test_a_hidden_question_keeps_what_was_typed_but_counts_as_unanswered(site: Site) -> None:
    page = site.open(DIARY)
    page.check("#yes")
    page.fill("#temperature", "38.4")
    expect(page.locator("#fever-item")).to_be_visible()
    page.check("#no")
    expect(page.locator("#fever-item")).to_be_hidden()
    assert page.input_value("#temperature") == "38.4"


def test_a_rule_about_another_page_is_left_to_the_server(site: Site) -> None:
    page = site.open(DIARY)
    page.check("#yes")
    assert page.get_attribute("#elsewhere-item", "hidden") is None


def test_none_of_these_unticks_the_others_and_the_other_way(site: Site) -> None:
    page = site.open(DIARY)
    page.check("#rash")
    page.check("#none")
    expect(page.locator("#rash")).not_to_be_checked()
    page.check("#rash")
    expect(page.locator("#none")).not_to_be_checked()


def test_an_impatient_thumb_sends_once_with_the_name_of_the_button(site: Site) -> None:
    page = site.open(DIARY)
    page.evaluate("for (let tap = 0; tap < 3; tap += 1) document.getElementById('send').click()")
    expect(page.locator("#send")).to_be_disabled()
    assert len(site.posts) == 1
    assert "go=1" in site.posts[0]


def test_the_error_summary_has_the_focus_and_leads_to_the_field(site: Site) -> None:
    summary = '<div class="nhsuk-error-summary"><a href="#temperature">Too high</a></div>'
    page = site.open(summary + '<label for="temperature">T</label><input id="temperature">')
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    page.click("a")
    expect(page.locator("#temperature")).to_be_focused()


def test_a_new_red_is_announced_in_title_and_in_words_until_somebody_looks(site: Site) -> None:
    page = site.open(LIST.format(ROW.format(1, "red")), "staff")
    site.body = LIST.format(ROW.format(2, "red") + ROW.format(1, "red"))
    expect(page).to_have_title("(1) Triage")
    expect(page.locator("[data-live-announcer]")).to_have_text("Episode 2")
    page.keyboard.press("Shift")
    expect(page).to_have_title("Triage")


def test_a_new_amber_does_not_shout(site: Site) -> None:
    page = site.open(LIST.format(""), "staff")
    site.body = LIST.format(ROW.format(3, "amber"))
    expect(page.locator("[data-episode='3']")).to_be_visible()
    expect(page).to_have_title("Triage")


def test_focus_survives_a_refresh(site: Site) -> None:
    page = site.open(LIST.format(ROW.format(1, "amber")), "staff")
    page.focus("a[href='/e/1']")
    site.body = LIST.format(ROW.format(2, "amber") + ROW.format(1, "amber"))
    expect(page.locator("[data-episode='2']")).to_be_visible()
    expect(page.locator("a[href='/e/1']")).to_be_focused()


def test_half_a_note_is_not_swept_away_yet_a_red_is_still_announced(site: Site) -> None:
    page = site.open(LIST.format('<textarea id="note"></textarea>'), "staff")
    page.locator("#note").press_sequentially("rang at")
    site.body = LIST.format('<textarea id="note"></textarea>' + ROW.format(9, "red"))
    expect(page).to_have_title("(1) Triage")
    assert page.input_value("#note") == "rang at"


def test_a_list_that_can_no_longer_be_refreshed_says_so_and_recovers(site: Site) -> None:
    page = site.open(LIST.format("rows"), "staff")
    site.status = 503
    expect(page.locator("[data-live-stale]")).to_be_visible()
    site.status = 200
    expect(page.locator("[data-live-stale]")).to_be_hidden()


def test_a_paused_list_stays_as_it_is(site: Site) -> None:
    page = site.open(LIST.format("rows"), "staff")
    page.click("[data-live-pause]")
    page.wait_for_timeout(150)
    asked = site.asked
    page.wait_for_timeout(350)
    assert site.asked == asked


CHART = """<section data-chart data-infusions=""><div data-chart-here style="width: 600px"></div><table>
<thead><tr><th>Date</th><th>Bilirubin</th></tr></thead><tbody>{}</tbody></table></section>"""
VALUE = '<tr><th><time datetime="{0}">{0}</time></th><td><data value="{1}">{1}</data></td></tr>'
NOTE_WORDS = """window.drawn = []; const made = CanvasRenderingContext2D.prototype, draw = made.fillText;
made.fillText = function (words, ...at) { drawn.push(words); draw.call(this, words, ...at); };"""


@pytest.mark.parametrize(
    ("days", "between"),
    [(("2026-11-20",), ("Nov 16", "Nov 24")), (("2026-11-12", "2026-11-20"), ("Nov 11", "Nov 21"))],
)
def test_a_chart_of_few_values_shows_the_days_around_them(
    site: Site, days: tuple[str, ...], between: tuple[str, str]
) -> None:
    site.page.add_init_script(NOTE_WORDS)
    page = site.open(CHART.format("".join(VALUE.format(day, 34) for day in reversed(days))), script="charts")
    expect(page.locator(".u-over")).to_be_visible()
    page.wait_for_function("drawn.some((words) => words.startsWith('Nov'))")
    labels = [words for words in page.evaluate("drawn") if words.startswith("Nov")]
    assert len(labels) >= 3
    assert len(set(labels)) == len(labels)
    assert between[0] <= min(labels) <= max(labels) <= between[1]
