"""Drafts as pages are read and saved: every saved page is judged, and its reds are on the ward's list at once."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.questionnaire import QuestionnairePage, read_partly, stored_answers
from portal.services.diary import drafts, judging, unsent
from portal.services.diary.drafts import DraftView, Raw
from portal.services.diary.forms import form_by_name
from portal.services.diary.submitting import find_by_client_id


def get_draft(session: Session, *, actor: Actor, diary_on: date) -> DraftView:
    """The actor's draft of a day with its unsent reds, or a fresh one that is not stored yet. Two statements."""
    row = drafts.find_row(session, actor, diary_on)
    reds = unsent.list_unsent_reds(session, actor=actor, diary_on=diary_on)
    return drafts.view_of(row, actor=actor, diary_on=diary_on, unsent_reds=reds)


def save_draft_page(
    session: Session,
    *,
    actor: Actor,
    diary_on: date,
    client_id: str,
    page: str,
    raw: Raw,
    now: datetime,
    base: datetime | None = None,
    questionnaire: str | None = None,
) -> DraftView:
    """Keep what one page holds, right or wrong, and judge it: a red is listed, and its alert planned, with the page.

    The first page saved gives the draft its client id. ``base``: ``DraftView.saved_at`` as the page had shown it; an
    answer that was saved after it is newer and stays (``kept``), and what this page says is judged all the same.
    ``questionnaire`` names the questions of the form, which stay those of this draft.
    """
    participant = judging.lock_participant(session, actor)
    row = drafts.find_row(session, actor, diary_on)
    if row is None:
        if find_by_client_id(session, actor=actor, client_id=client_id) is not None:
            client_id = drafts.new_client_id(actor.id)  # it was sent at this very moment
        row = drafts.begin_draft(session, actor=actor, diary_on=diary_on, client_id=client_id, now=now)
    kept = drafts.store_page(session, row, page=page, raw=raw, now=now, base=base, questionnaire=questionnaire)
    also = {link: raw[link] for link in kept}
    unsent.raise_unsent(session, actor=actor, participant=participant, draft=row, also=also, now=now)
    reds = unsent.list_unsent_reds(session, actor=actor, diary_on=diary_on, now=now)
    return drafts.view_of(row, actor=actor, diary_on=diary_on, unsent_reds=reds, kept=kept)


@dataclass(frozen=True, slots=True)
class SentDiary:
    """A diary that was sent while one of its pages was still open. ``is_news``: the page says something else."""

    diary_id: int
    diary_on: date
    client_id: str
    is_news: bool


def find_sent_diary(
    session: Session, *, actor: Actor, client_id: str, topic: QuestionnairePage, raw: Raw
) -> SentDiary | None:
    """What the diary of this page has become in the meantime: a second tap, or an old tab. None: it is not sent."""
    sent = find_by_client_id(session, actor=actor, client_id=client_id)
    if sent is None:
        return None
    answers, unread = read_partly(topic, raw)
    stored = {**stored_answers(form_by_name(sent.questionnaire), sent.answers), **(sent.free_text or {})}
    news = bool(unread) or any(stored.get(link) != value for link, value in answers.items())
    return SentDiary(sent.id, sent.diary_on, sent.client_id, news)
