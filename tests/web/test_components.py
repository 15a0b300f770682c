"""The macros of templates/components: what a screen reader hears, and what a stylesheet needs."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from wtforms import BooleanField, Form, PasswordField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

TEMPLATES = Path(__file__).parents[2] / "portal" / "templates"
VOID = {"input", "br", "img", "path", "circle", "meta", "link"}


class Elements(HTMLParser):
    """Every start tag of a fragment, in order: (tag, attributes)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"{tag} says an attribute twice"
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.found if "id" in attributes]


@pytest.fixture(scope="module")
def jinja() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"], undefined=StrictUndefined
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return environment


def render(jinja: Environment, file: str, call: str, **values: object) -> str:
    return jinja.from_string(f'{{% import "components/{file}.html" as it %}}{call}').render(**values)


CHOICES = [("yes", "Yes"), ("no", "No")]
FIELDS = [
    "it.input(name='temperature', label='Temperature', hint='such as 37.2', error='Too high', suffix='°C')",
    "it.pin(name='pin', label='PIN', new=true)",
    "it.password(name='password', label='Password', error='Wrong')",
    "it.code(name='code', label='Code')",
    "it.textarea(name='note', label='Note', hint='optional', value='<b>')",
    "it.select(name='hour', label='Hour', options=choices, value='no', error='Choose')",
    "it.radios(name='taken', label='Taken?', options=choices, hint='today', error='Choose')",
    "it.checkboxes(name='signs', label='Signs', options=choices, value=['no'])",
    "it.checkbox(name='agree', label='I agree', hint='please read', error='Needed')",
    "it.date_input('birth', 'Date of birth', error='Too young')",
]


@pytest.mark.parametrize("call", FIELDS)
def test_every_control_has_its_own_label(jinja: Environment, call: str) -> None:
    page = Elements(render(jinja, "field", "{{ " + call + " }}", choices=CHOICES))
    controls = page.all("input", "select", "textarea")
    labels = [label["for"] for label in page.all("label")]
    assert controls
    assert [control["id"] for control in controls] == labels


@pytest.mark.parametrize("call", FIELDS)
def test_ids_are_unique_and_descriptions_exist(jinja: Environment, call: str) -> None:
    page = Elements(render(jinja, "field", "{{ " + call + " }}", choices=CHOICES))
    ids = page.ids()
    described = " ".join(str(attrs["aria-describedby"]) for _, attrs in page.found if "aria-describedby" in attrs)
    assert len(ids) == len(set(ids))
    assert set(described.split()) <= set(ids)


@pytest.mark.parametrize("call", FIELDS)
def test_no_field_carries_a_style_or_a_script(jinja: Environment, call: str) -> None:
    html = render(jinja, "field", "{{ " + call + " }}", choices=CHOICES)
    assert not re.search(r"\sstyle=|<script|\son[a-z]+=", html)


def test_an_error_is_said_at_the_field_before_the_control(jinja: Environment) -> None:
    html = render(jinja, "field", "{{ it.input(name='t', label='T', error='Too high') }}")
    assert html.index("Too high") < html.index("<input")
    assert 'aria-invalid="true"' in html


def test_what_was_typed_is_escaped(jinja: Environment) -> None:
    html = render(jinja, "field", "{{ it.input(name='t', label='T', value=typed) }}", typed='"><script>')
    assert "<script>" not in html


def test_a_choice_of_none_is_marked_as_exclusive(jinja: Environment) -> None:
    options = [("rash", "Rash"), {"value": "none", "text": "None of these", "exclusive": True, "hint": None}]
    page = Elements(render(jinja, "field", "{{ it.checkboxes(name='s', label='S', options=o) }}", o=options))
    assert ["data-exclusive" in box for box in page.all("input")] == [False, True]


def test_only_the_chosen_radio_is_checked(jinja: Environment) -> None:
    call = "{{ it.radios(name='n', label='N', options=o, value=0) }}"
    page = Elements(render(jinja, "field", call, o=[(0, "None"), (1, "Mild")]))
    assert ["checked" in radio for radio in page.all("input")] == [True, False]


def test_no_answer_is_filled_in_beforehand(jinja: Environment) -> None:
    page = Elements(render(jinja, "field", "{{ it.radios(name='n', label='N', options=o) }}", o=CHOICES))
    assert not any("checked" in radio for radio in page.all("input"))


class Activation(Form):
    card = StringField("Card code", description="On your card", validators=[InputRequired("Enter the code")])
    pin = PasswordField("PIN")
    language = RadioField("Language", choices=[SelectChoice("en", "English"), SelectChoice("zh-CN", "中文")])
    signs = SelectMultipleField("Signs", choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")])
    agree = BooleanField("I agree")


@pytest.mark.parametrize(("macro", "name"), [("input", "card"), ("radios", "language"), ("checkboxes", "signs"),
                                             ("checkbox", "agree"), ("pin", "pin")])  # fmt: skip
def test_a_form_field_speaks_for_itself(jinja: Environment, macro: str, name: str) -> None:
    form = Activation(data={"language": "zh-CN", "signs": ["no"]})
    html = render(jinja, "field", "{{ it[macro](field) }}", macro=macro, field=form[name])
    assert str(form[name].label.text) in html
    assert all(control["name"] == name for control in Elements(html).all("input"))


def test_a_choice_is_named_in_its_own_words(jinja: Environment) -> None:
    assert "中文</label>" in render(jinja, "field", "{{ it.radios(field) }}", field=Activation().language)


def test_a_form_keeps_its_choice(jinja: Environment) -> None:
    form = Activation(data={"language": "zh-CN"})
    page = Elements(render(jinja, "field", "{{ it.radios(field) }}", field=form.language))
    assert [radio["value"] for radio in page.all("input") if "checked" in radio] == ["zh-CN"]


def test_a_pin_is_never_sent_back(jinja: Environment) -> None:
    html = render(jinja, "field", "{{ it.pin(field) }}", field=Activation(data={"pin": "424242"}).pin)
    assert "424242" not in html


def test_the_error_summary_leads_to_the_field(jinja: Environment) -> None:
    form = Activation()
    form.validate()
    field = Elements(render(jinja, "field", "{{ it.input(field) }}", field=form.card))
    summary = Elements(render(jinja, "error_summary", "{{ it.form_errors(form) }}", form=form))
    assert str(summary.all("a")[0]["href"]).removeprefix("#") in field.ids()


def test_nothing_is_summed_up_when_nothing_is_wrong(jinja: Environment) -> None:
    assert render(jinja, "error_summary", "{{ it.error_summary([]) }}") == ""


def test_call_now_says_that_it_is_urgent_and_rings_at_a_tap(jinja: Environment) -> None:
    call = "{% call it.call_now('Call the ward now', '+862155500100', '021-5550 0100') %}Why{% endcall %}"
    html = render(jinja, "care_card", call)
    page = Elements(html)
    assert page.all("a")[0]["href"] == "tel:+862155500100"
    assert html.index("Urgent:") < html.index("Call the ward now") < html.index("021-5550 0100") < html.index("Why")


def test_amber_is_not_dressed_in_red(jinja: Environment) -> None:
    html = render(jinja, "care_card", "{% call it.nurse_will_look('A nurse will look') %}.{% endcall %}")
    assert "app-card--amber" in html
    assert "urgent" not in html
    assert "warning" not in html


def test_a_button_with_an_address_is_a_link(jinja: Environment) -> None:
    assert Elements(render(jinja, "button", "{{ it.button('Go', href='/diary') }}")).all("a")[0]["href"] == "/diary"
    assert Elements(render(jinja, "button", "{{ it.button('Send') }}")).all("button")[0]["type"] == "submit"


def test_progress_is_words_and_the_bar_is_only_a_picture(jinja: Environment) -> None:
    html = render(jinja, "progress", "{{ it.progress(2, 6) }}")
    assert "2 of 6" in html
    assert html.count("app-progress__step--done") == 2
    assert html.count('aria-hidden="true"') == 1


def test_an_unknown_state_is_a_grey_tag_with_its_words(jinja: Environment) -> None:
    assert "nhsuk-tag--grey" in (html := render(jinja, "tag", "{{ it.tag('odd', 'Odd') }}"))
    assert "Odd" in html


def test_a_level_is_words_and_shape_as_well_as_colour(jinja: Environment) -> None:
    red, amber = (render(jinja, "tag", "{{ it.level(s, s) }}", s=severity) for severity in ("red", "amber"))
    assert "◆" in red
    assert "▲" in amber
    assert "red</strong>" in red


def test_a_link_in_a_summary_names_its_row(jinja: Environment) -> None:
    rows = [
        {"key": "Rash", "value": "No", "href": "#r", "action": "Change"},
        {"key": "Note", "value": "-", "href": None},
    ]
    html = render(jinja, "summary_list", "{{ it.summary_list(rows) }}", rows=rows)
    assert re.search(r"Change<span[^>]*> Rash</span></a>", html)
    assert html.count("<a ") == 1


def test_a_table_on_a_phone_repeats_its_headings(jinja: Environment) -> None:
    call = "{{ it.table('Each day', ['Day', 'Temperature'], [['Mon', markup]], numeric=[1]) }}"
    html = render(jinja, "table", call, markup=Markup("<b>37.2</b>"))
    assert html.count("Temperature") == 2
    assert "<b>37.2</b>" in html
    assert 'scope="row"' in html


def test_a_calendar_day_says_its_state_in_words(jinja: Environment) -> None:
    day = {"number": 26, "words": "26 November: diary sent", "href": "/d", "today": True, "marks": ["diary-sent"]}
    weekdays = [{"short": letter, "full": letter * 3} for letter in "MTWTFSS"]
    call = "{{ it.calendar_month('November', weekdays, [[day, none, none, none, none, none, none]], legend) }}"
    html = render(jinja, "calendar_month", call, weekdays=weekdays, day=day, legend=[("diary-sent", "Sent")])
    page = Elements(html)
    assert "26 November: diary sent" in html
    assert len(page.all("td")) == 7
    assert page.all("a")[0]["aria-current"] == "date"


def test_every_mark_has_a_shape_of_its_own(jinja: Environment) -> None:
    shapes = jinja.get_template("components/mark.html").module.SHAPES  # type: ignore[attr-defined]
    assert len(set(shapes.values())) == len(shapes)


def test_a_strip_tells_a_missed_day_from_a_stage_of_nought(jinja: Environment) -> None:
    days = [{"stage": stage, "words": f"day: {stage}", "infusion": False} for stage in (0, "missed", "unknown", 3)]
    html = render(jinja, "strip", "{{ it.strip('Bowel', days) }}", days=days)
    assert re.findall(r'aria-hidden="true">(.)<', html) == ["0", "–", "?", "3"]


def test_a_timeline_carries_machine_readable_times(jinja: Environment) -> None:
    entry = {
        "when": "26 Nov",
        "at": "2026-11-26T10:42",
        "what": "Seen",
        "tone": "",
        "tag": None,
        "body": None,
        "href": None,
    }
    page = Elements(render(jinja, "timeline", "{{ it.timeline([entry]) }}", entry=entry))
    assert page.all("time")[0]["datetime"] == "2026-11-26T10:42"


def test_a_live_list_can_be_paused_and_speaks_up(jinja: Environment) -> None:
    page = Elements(render(jinja, "live", "{% call it.live() %}rows{% endcall %}"))
    attributes = [attrs for _, attrs in page.found]
    assert any("data-live-pause" in attrs for attrs in attributes)
    assert any(attrs.get("aria-live") == "assertive" for attrs in attributes)


@pytest.mark.parametrize("file", sorted((TEMPLATES / "components").glob("*.html")), ids=lambda path: path.stem)
def test_a_component_begins_by_naming_its_parameters(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if not line.startswith("{%- from")]
    assert lines[0].startswith("{#")


# Files of an archive are opened where there is no portal, so they bring their style along.
READ_WITHOUT_THE_PORTAL = frozenset({"staff/exports/forms.html", "participant/own_copy.html"})


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_no_template_carries_inline_style_or_handlers(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"\sstyle\s*=|\son(click|change|submit|load)\s*=", text)
    assert ("<style" in text) == (str(file.relative_to(TEMPLATES)) in READ_WITHOUT_THE_PORTAL)
