"""What makes the portal an app on a phone: its manifest, its service worker, and the page that opens without a network.

Only that page, one for each language, and the assets are ever cached. It holds every question that everybody is asked
and no answer, nobody's name and no token: what it knows of a person it reads from the phone's own encrypted store. A
page that only some are asked is not in it: ``extra_page`` goes to their phones with what these keep.
"""

import hashlib
from typing import Any, Final

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from portal import protocols, questionnaires
from portal.adapters import phones
from portal.domain.alert_rules import RULES
from portal.domain.alert_rules.comparison import RASH_PERCENT
from portal.domain.alert_rules.device import DeviceRule, device_rules, device_stool
from portal.domain.call_now import BREATHING_FIRST
from portal.domain.errors import NotFound
from portal.domain.questionnaire import (
    FAULT_MSGIDS,
    NO_MORE_THAN,
    QuestionItem,
    Questionnaire,
    QuestionnairePage,
    units_of,
)
from portal.web.guards import public_view
from portal.web.locale import LOCALES
from portal.web.questionnaire_form import SHAPES, FormPage, warning_signs_field

blueprint = Blueprint("pwa", __name__)
HTML_LANG: Final = {"en": "en", "zh-CN": "zh-Hans-CN"}
KEPT: Final = ("portal.css", "offline.js", "icon.svg")


@blueprint.get("/manifest.webmanifest")
@public_view
def show_manifest() -> Response:
    """Name and icons for the home screen. No health words: others see this screen."""
    icons = [{"src": _asset(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
             for size in (192, 512)]  # fmt: skip
    response = jsonify(
        name=_("Follow-up portal"), short_name=_("Follow-up"), start_url="/today", scope="/", display="standalone",
        background_color="#f3f6f5", theme_color="#0d5a61",
        icons=[*icons, {**icons[1], "purpose": "maskable"}],
    )  # fmt: skip
    response.mimetype = "application/manifest+json"
    return response


@blueprint.get("/sw.js")
@public_view
def serve_service_worker() -> Response:
    """The service worker with the list of what it keeps; a change of any of it makes a new version."""
    shells = [url_for("pwa.show_offline_page", language=language) for language in LOCALES]
    kept = [*(_asset(name) for name in KEPT), *shells]
    content = "".join([*kept, *(_shell(language) for language in LOCALES)])
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    source = current_app.extensions["static_files"]["sw.js"].bodies["identity"].decode()
    head = f"self.KEPT={current_app.json.dumps(kept)};self.VERSION={current_app.json.dumps(version)};\n"
    response = Response(head + source, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(version + current_app.extensions["static_files"]["sw.js"].digest)
    response.make_conditional(request)
    return response


@blueprint.get("/offline/<language>")
@public_view
def show_offline_page(language: str) -> str:
    """Every question of an ordinary diary in one page, for a phone without a network."""
    if language not in LOCALES:
        raise NotFound
    return _shell(language, nonce=True)


def _asset(name: str) -> str:
    return str(current_app.jinja_env.globals["asset"](name))  # type: ignore[operator]


def _shell(language: str, *, nonce: bool = False) -> str:
    """The page; ``nonce`` False leaves out what differs at each request, for its digest."""
    form = questionnaires.load_diary(post_infusion=False, weight=True)
    site = protocols.load_protocol().sites[0]
    changing = {} if nonce else {"csp_nonce": str}
    with force_locale(LOCALES[language]):
        return render_template(
            "participant/diary_offline.html",
            **changing,
            language=language,
            html_lang=HTML_LANG[language],
            person=None,
            pages=[FormPage(page, {}, {}, language) for page in form.pages],
            config=device_config(language),
            warning_signs=warning_signs_field(form, language),
            ward_phone=phones.to_e164(site.ward_phone),
            urgent_phone=phones.to_e164(site.urgent_phone),
        )


def device_config(language: str) -> dict[str, Any]:
    """Rules, bounds and windows as data; the same that the server judges by."""
    protocol = protocols.load_protocol()
    form = questionnaires.load_diary(post_infusion=False, weight=True)
    plan = protocol.diary
    return {
        "language": language,
        "rules": _rules(form),
        "stool": device_stool(protocol.thresholds),
        "pages": [_page(page) for page in form.pages],
        "pairs": NO_MORE_THAN,
        "emergencies": _emergencies(),
        "faults": {code: _(msgid) for code, msgid in FAULT_MSGIDS.items()},
        "weightWeekday": plan.weight_weekday,
        "lateUntil": f"{plan.late_until:%H:%M}",
        "timezone": protocol.timezone,
    }


def device_page(language: str) -> dict[str, Any]:
    """What a phone adds to the page without a network for somebody who is asked more: its markup, questions, rules."""
    everybody = questionnaires.load_diary(post_infusion=False, weight=True)
    form = questionnaires.load_diary(post_infusion=True, weight=True)
    page = next(page for page in form.pages if page.name not in {one.name for one in everybody.pages})
    common = _rules(everybody)
    with force_locale(LOCALES[language]):
        html = render_template("participant/offline_extra.html", form=FormPage(page, {}, {}, language))
    rules = [rule for rule in device_rules(protocols.load_protocol().thresholds) if rule not in common]
    return {"html": html, "page": _page(page), "rules": rules}


def page_config(page: QuestionnairePage) -> dict[str, Any]:
    """What a script needs to judge one page of the diary while it is open: its questions, and the rules about them."""
    limits = protocols.load_protocol().thresholds
    asked = {item.link_id for item in page.items}
    known = asked | ({RASH_PERCENT} if "skin-areas" in asked else set())
    config: dict[str, Any] = {
        "items": _page(page)["items"],
        "rules": [rule for rule in device_rules(limits) if rule.on in known and not rule.after_infusion],
        "pairs": [pair for pair in NO_MORE_THAN if asked.issuperset(pair)],
        "emergencies": _emergencies(),
    }
    return {**config, "stool": device_stool(limits)} if "loose-stool-count" in asked else config


def _emergencies() -> list[str]:
    """The answers for which 120 stands first."""
    rules = [rule.on_device for rule in RULES if rule.id in BREATHING_FIRST and rule.on_device]
    return sorted({str(condition.value) for condition in rules})


def _rules(form: Questionnaire) -> list[DeviceRule]:
    """Those that these questions can meet."""
    asked = {item.link_id for item in form.items}
    extra = {item.link_id for item in questionnaires.load_diary(post_infusion=True, weight=True).items} - asked
    rules = device_rules(protocols.load_protocol().thresholds)
    return [rule for rule in rules if rule.on not in extra and not rule.after_infusion]


def _page(page: QuestionnairePage) -> dict[str, Any]:
    return {"name": page.name, "items": [_item(item) for item in page.items if item.kind in SHAPES]}


def _item(item: QuestionItem) -> dict[str, Any]:
    """A question as the phone reads and checks it."""
    read: dict[str, Any] = {"id": item.link_id, "kind": item.kind, "required": item.required}
    if item.kind in ("integer", "decimal"):
        bounds = {"min": float(item.minimum), "max": float(item.maximum), "decimals": item.max_decimals}
        read |= {**bounds, "low": str(item.minimum), "high": str(item.maximum), "units": units_of(item)}
    elif item.kind == "score":
        read |= {"scores": {option.code: option.score for option in item.options}}
    elif item.kind in ("choice", "multi-choice"):
        read |= {"codes": item.codes, "exclusive": sorted(item.exclusive)}
    elif item.kind == "text":
        read |= {"longest": item.max_length}
    return read
