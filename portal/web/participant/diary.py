"""The diary pages: one topic per page, a review, submission, and the result page. Complete without JavaScript."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from portal.domain.diary import derive_client_id, local_day, utc_offset_minutes
from portal.domain.errors import NotFound
from portal.domain.questionnaire import AnswerProblems, Answers, Questionnaire, QuestionnairePage
from portal.extensions import Session, db
from portal.services import diary
from portal.web import guards, locale
from portal.web.guards import open_to_day_link, participant_view, writes
from portal.web.participant import red_answers
from portal.web.participant.offline import page_config
from portal.web.questionnaire_form import FormPage, decode_all, decode_page, read_form

blueprint = Blueprint("diary", __name__)
REVIEW = "review"
KEPT_DAYS = 7
View = str | Response | tuple[str, int]


@blueprint.get("/diary")
@participant_view
def start_diary() -> View:
    """Today's diary, or yesterday's while it is open. What was sent already is shown, unless somebody feels worse."""
    state = diary.get_today_status(db.session, actor=guards.current_actor(), now=guards.request_time())
    if state.yesterday_open and request.args.get("day") == "yesterday":
        return _first_page(state.yesterday_on)
    wants_more = "worse" in request.args or state.draft_open
    if state.sent and not wants_more and state.last_diary_id is not None:
        return redirect(url_for("diary.show_result", diary_id=state.last_diary_id))
    return _first_page(state.today_on)


def _first_page(diary_on: date) -> Response:
    return redirect(url_for("diary.show_diary_page", day=diary_on, name=_name(_form(_draft(diary_on)).pages[0])))


@blueprint.get("/diary/<day>/<name>")
@participant_view
@open_to_day_link()
def show_diary_page(day: str, name: str) -> View:
    """One topic, with what has been typed so far and nothing else."""
    draft = _draft(_day(day))
    form = _form(draft)
    if name == REVIEW:
        return _review(form, draft)
    return _show(form, _page(form, name), draft, draft.raw, {})


@blueprint.post("/diary/<day>/<name>")
@participant_view
@open_to_day_link()
@writes
def save_diary_page(session: Session, day: str, name: str) -> View:
    """Keep what the page holds, right or wrong; go on only when it is right. Whatever is sent here is judged."""
    diary_on = _writable_day(day)
    draft = _draft(diary_on) if diary_on else None
    form = _form(draft) if draft else None
    topic = _find_page(form, name) if form else None
    if draft is None or form is None or topic is None:
        return _keep_apart(session, request.form, diary_on)
    if (sent := _sent_before(topic)) is not None:
        return _after_sending(session, sent, form, topic)
    if name == REVIEW:
        return _send(session, form, draft.diary_on)
    draft, problems = _keep(session, form, topic, draft.diary_on, request.form)
    if problems or draft.kept:
        return _show(form, topic, draft, draft.raw, problems), 422
    return red_answers.redirect_past_reds(session, draft, name, _following(form, name, draft))


def _day_of(diary_id: int) -> str:
    outcome = diary.get_submission_outcome(db.session, actor=guards.current_actor(), diary_id=diary_id)
    return str(outcome.row.diary_on)


@blueprint.get("/diary/sent/<int:diary_id>")
@participant_view
@open_to_day_link(_day_of)
def show_result(diary_id: int) -> View:
    """Red first and alone; amber with its deadline; else thanks. Later, who has seen it."""
    outcome = diary.get_submission_outcome(db.session, actor=guards.current_actor(), diary_id=diary_id)
    return render_template("participant/diary_sent.html", outcome=outcome, call=red_answers.find_call_now())


def restore_diary_page(session: Session, fields: MultiDict[str, str], *, day: str, name: str) -> Response:
    """Put what was typed before the sign-in into the draft, and go on from its page."""
    diary_on = _writable_day(day)
    form = _form(_draft(diary_on)) if diary_on else None
    topic = _find_page(form, name) if form else None
    if diary_on is None or form is None or topic is None:
        return _keep_apart(session, fields, diary_on)
    _keep(session, form, topic, diary_on, fields)
    return redirect(url_for("diary.show_diary_page", day=day, name=name))


def _writable_day(text: str) -> date | None:
    """A day that may still be written about. What comes after its window is kept as a report, not refused."""
    today = local_day(guards.request_time(), current_user.person.timezone)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if today - timedelta(days=KEPT_DAYS) <= day <= today else None


def _day(text: str) -> date:
    day = _writable_day(text)
    if day is None:
        raise NotFound
    return day


def _form(draft: diary.DraftView) -> Questionnaire:
    return diary.form_of_draft(db.session, actor=guards.current_actor(), draft=draft, at=guards.request_time())


def _draft(diary_on: date) -> diary.DraftView:
    return diary.get_draft(db.session, actor=guards.current_actor(), diary_on=diary_on)


def _name(topic: QuestionnairePage) -> str:
    """A page's name in the address: its linkId without the prefix."""
    return topic.link_id.removeprefix("page-")


def _page(form: Questionnaire, name: str) -> QuestionnairePage:
    topic = None if name == REVIEW else _find_page(form, name)
    if topic is None:
        raise NotFound
    return topic


def _find_page(form: Questionnaire, name: str) -> QuestionnairePage | None:
    """The page of this name; the last one is the review's."""
    if name == REVIEW:
        return form.pages[-1]
    return next((topic for topic in form.pages[:-1] if _name(topic) == name), None)


def _following(form: Questionnaire, name: str, draft: diary.DraftView) -> str:
    """The next page; from a page opened from the review, back to the review."""
    names = [_name(topic) for topic in form.pages[:-1]]
    if request.form.get("then") == REVIEW and set(names) <= draft.pages:
        return REVIEW
    place = names.index(name) + 1
    return names[place] if place < len(names) else REVIEW


def _sent_before(topic: QuestionnairePage) -> diary.SentDiary | None:
    return diary.find_sent_diary(
        db.session,
        actor=guards.current_actor(),
        client_id=request.form.get("client-id", ""),
        topic=topic,
        raw=read_form(topic, request.form),
    )


def _after_sending(session: Session, sent: diary.SentDiary, form: Questionnaire, topic: QuestionnairePage) -> Response:
    """What has been sent leads to its result. An answer that differs begins a later report of the day."""
    if not sent.is_news:
        return redirect(url_for("diary.show_result", diary_id=sent.diary_id))
    fields = MultiDict([(name, value) for name, value in request.form.items(multi=True) if name != "base"])
    fields["client-id"] = diary.new_client_id(current_user.person.id)
    _keep(session, form, topic, sent.diary_on, fields)
    return redirect(url_for("diary.show_diary_page", day=sent.diary_on, name=_name(topic)))


def _keep_apart(session: Session, fields: MultiDict[str, str], diary_on: date | None) -> Response:
    """Answers of a day or a page that is not there (any more): a report of their own."""
    form = diary.own_form(
        session, actor=guards.current_actor(), diary_on=guards.request_time().date(), at=guards.request_time()
    )
    raw: dict[str, Any] = {}
    for topic in form.pages:
        raw |= read_form(topic, fields)
    at = guards.request_time()
    typed = diary.TypedReport(
        client_id=derive_client_id(_client_id(fields), raw),
        diary_on=diary_on,
        raw=raw,
        entered_at=at,
        offset_minutes=utc_offset_minutes(at, current_user.person.timezone),
        language=locale.current_language(),
    )
    receipt = diary.keep_report(session, actor=guards.current_actor(), typed=typed, now=at)
    return redirect(url_for("diary.show_result", diary_id=receipt.diary_id))


def _keep(
    session: Session, form: Questionnaire, topic: QuestionnairePage, diary_on: date, fields: Any
) -> tuple[diary.DraftView, AnswerProblems]:
    draft = diary.save_draft_page(
        session,
        actor=guards.current_actor(),
        diary_on=diary_on,
        client_id=_client_id(fields),
        page=_name(topic),
        raw=read_form(topic, fields),
        now=guards.request_time(),
        base=_base(fields),
        questionnaire=" ".join(form.sources),
    )
    _answers, problems = decode_page(topic, draft.raw)
    return draft, problems


def _base(fields: Any) -> datetime | None:
    """When the draft was saved that the page had shown."""
    try:
        base = datetime.fromisoformat(str(fields.get("base", "")))
    except ValueError:
        return None
    return base if base.tzinfo is not None else None


def _client_id(fields: Any) -> str:
    given = str(fields.get("client-id", ""))
    fresh = diary.new_client_id(current_user.person.id)
    return given if given and len(given) <= 36 and given.isascii() and given.isprintable() else fresh


def _show(
    form: Questionnaire, topic: QuestionnairePage, draft: diary.DraftView, raw: dict[str, Any], problems: AnswerProblems
) -> str:
    names = [_name(each) for each in form.pages]
    place = names.index(_name(topic))
    previous = (
        url_for("diary.show_diary_page", day=draft.diary_on, name=names[place - 1])
        if place
        else url_for("patient.show_today")
    )
    here = url_for("diary.show_diary_page", day=draft.diary_on, name=_name(topic), then=request.values.get("then"))
    return render_template(
        "participant/diary_page.html",
        **_red(draft, here),
        page_config=page_config(topic),
        has_own_red=any(red.page == _name(topic) for red in draft.unsent_reds),
        form=FormPage(topic, raw, problems, locale.current_language()),
        client_id=draft.client_id,
        base=draft.saved_at,
        kept=bool(draft.kept),
        day=draft.diary_on,
        step=place + 1,
        steps=len(names),
        back=previous,
        then=REVIEW if request.values.get("then") == REVIEW else None,
    )


def _red(draft: diary.DraftView, here: str) -> dict[str, Any]:
    """The card of what has just been answered, above the questions; else only that there is a red answer."""
    shown = (*red_answers.list_new_reds(draft), *red_answers.list_shown_reds())
    card = red_answers.build_draft_card(draft, shown, onward=here)
    return {"red": card, "has_red": bool(draft.unsent_reds)}


def _review(form: Questionnaire, draft: diary.DraftView, *, changed: bool = False) -> str:
    answers, problems = decode_all(form, draft.raw)
    *topics, last = form.pages
    names = {topic.link_id: _name(topic) for topic in topics}
    written = diary.answer_sections(form, answers, language=locale.current_language())
    here = url_for("diary.show_diary_page", day=draft.diary_on, name=REVIEW)
    return render_template(
        "participant/diary_review.html",
        **_red(draft, here),
        form=FormPage(last, draft.raw, {} if request.method == "GET" else problems, locale.current_language()),
        sections=[(names[section.page_id], section) for section in written if section.page_id in names],
        unfinished=_unfinished(form, draft, problems),
        client_id=draft.client_id,
        base=draft.saved_at,
        shown=_digest(form, draft),
        changed=changed,
        day=draft.diary_on,
        steps=len(form.pages),
        back=url_for("diary.show_diary_page", day=draft.diary_on, name=_name(topics[-1])),
    )


def _unfinished(form: Questionnaire, draft: diary.DraftView, problems: AnswerProblems) -> list[tuple[str, str]]:
    """Name and title of the topics that still need an answer."""
    return [
        (_name(topic), topic.title.in_(locale.current_language()))
        for topic in form.pages[:-1]
        if _name(topic) not in draft.pages or any(item.link_id in problems for item in topic.items)
    ]


def _digest(form: Questionnaire, draft: diary.DraftView) -> str:
    """Of what the review shows; what is typed on it is not shown before."""
    return draft.digest(except_for=[item.link_id for item in form.pages[-1].items])


def _send(session: Session, form: Questionnaire, diary_on: date) -> View:
    """What is sent is what the review has shown."""
    draft, _problems = _keep(session, form, form.pages[-1], diary_on, request.form)
    answers, problems = decode_all(form, draft.raw)
    changed = request.form.get("shown") != _digest(form, draft) or bool(draft.kept)
    if changed or problems or _unfinished(form, draft, problems):
        return _review(form, draft, changed=changed), 422
    receipt = diary.submit_diary(
        session, actor=guards.current_actor(), submission=_submission(form, draft, answers), now=guards.request_time()
    )
    return redirect(url_for("diary.show_result", diary_id=receipt.diary_id))


def _submission(form: Questionnaire, draft: diary.DraftView, answers: Answers) -> diary.Submission:
    entered_at = guards.request_time()
    return diary.Submission(
        client_id=draft.client_id,
        diary_on=draft.diary_on,
        answers=dict(answers),
        entered_at=entered_at,
        offset_minutes=utc_offset_minutes(entered_at, current_user.person.timezone),
        language=locale.current_language(),
        questionnaire=" ".join(form.sources),
    )
