"""The whole way of a red answer as a state machine: two phones, a nurse, the clock and the jobs, on the real services.

A model keeps every red sign that the server has been given, and what was done about it; after each step the screen of
the participant, the ward's list and the message ledger have to agree with it. The phones are a model of what the script
does; the browser tests tie the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select, update

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.alert_rules.evaluation import RULES
from portal.domain.diary import local_day
from portal.domain.errors import Conflict, PortalError
from portal.domain.locking import LockKind
from portal.domain.questionnaire import read_answers
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.triage import Episode
from portal.services import audit, diary, locking, participation, triage, watching
from portal.services.assessments import enter_result
from tests.support.people import NOW, enrol
from tests.support.red_path.answers import ANSWERS, PAGES, WELL, Raw, Sign, signs_of

OFFSET: Final = 480
UNSENT_ALERT: Final = timedelta(minutes=10)
ACKNOWLEDGE: Final = timedelta(hours=1)
CLOCK_ERRORS: Final = (timedelta(0), timedelta(days=1), timedelta(days=-1), timedelta(days=-400), timedelta(days=900))
STEP_SIZES: Final = (1, 4, 11, 45, 200, 700, 1500)
ORGAN: Final = {one.id: str(one.organs[0]) for one in RULES}
OPEN_STATES: Final = ("planned", "claimed", "sent", "delivered")
SETTINGS: Final = settings(
    stateful_step_count=40, deadline=None, database=None, report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
)  # fmt: skip
COUNTS: Final = {"runs": 0, "steps": 0, "reds": 0}


@dataclass
class Given:
    """A red sign that the server knows, since ``at``, in the report or draft of ``client_id``.

    ``is_news``: it was not known before, or is a step worse, so staff have to be told.
    """

    sign: Sign
    at: datetime
    client_id: str
    is_news: bool
    seen: bool = False
    contacted: bool = False
    taken_back: bool = False
    closed: bool = False

    @property
    def organ(self) -> str:
        return ORGAN[self.sign.rule_id]


@dataclass
class Phone:
    """What one phone holds: the page it has shown (``base``), answers typed off line, and reports that wait."""

    clock_error: timedelta = timedelta(0)
    can_store: bool = True
    base: datetime | None = None
    typed: Raw = field(default_factory=dict)
    waiting: list[diary.QueuedDiary] = field(default_factory=list)
    contact_at: datetime | None = None


class RedPath(RuleBasedStateMachine):
    """One participant's days. Steps come from hypothesis; ``now`` moves with each of them."""

    def __init__(self) -> None:
        super().__init__()
        COUNTS["runs"] += 1
        self.now = NOW
        self.person = enrol(COUNTS["runs"])
        self.account = Actor("account", Role.PARTICIPANT, self.person.accounts[0].id, self.person.id)
        self.nurse = Actor("staff", Role.COORDINATOR, 1, sites=frozenset({"RJ"}))
        self.phones = (Phone(), Phone())
        self.given: list[Given] = []
        self.taken_back: list[tuple[str, datetime]] = []
        self.results: list[datetime] = []

    # -- helpers ---------------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return local_day(self.now, "Asia/Shanghai")

    def tick(self, minutes: int = 1) -> None:
        COUNTS["steps"] += 1
        self.now += timedelta(minutes=minutes)

    def learn(self, raw: Raw, client_id: str) -> None:
        """The server has been given these answers."""
        settled = bool(self.results)
        for sign in signs_of(raw, jaundice_settled=settled):
            told = [one for one in self.given if one.sign == sign and one.client_id == client_id and not one.taken_back]
            if not told:
                COUNTS["reds"] += 1
                self.given.append(Given(sign, self.now, client_id, self._is_news(sign)))

    def _is_news(self, sign: Sign) -> bool:
        before = [one.sign for one in self.given if one.sign.rule_id == sign.rule_id and not one.taken_back]
        if not before:
            return True
        worst = max((one.value for one in before if one.value is not None), default=None)
        return sign.rule_id == "fever-red" and worst is not None and (sign.value or 0) >= worst + 1

    def standing(self, *, organ: str | None = None) -> list[Given]:
        return [one for one in self.given if not one.taken_back and not one.closed and organ in (None, one.organ)]

    def episodes(self) -> list[Episode]:
        db.session.rollback()
        rows = select(Episode).where(Episode.participant_id == self.person.id, Episode.state != "closed")
        return list(db.session.scalars(rows.order_by(Episode.id)))

    # -- the participant -------------------------------------------------------------------------------------------

    @rule(phone=st.integers(0, 1), answer=st.sampled_from(ANSWERS), stale=st.booleans())
    def answer_a_page(self, phone: int, answer: tuple[str, Raw], stale: bool) -> None:
        """On line; a page may have been shown before the other phone's was saved."""
        self.tick()
        one, (page, raw) = self.phones[phone], answer
        self.save(one, page, raw, one.base if stale else None)

    def save(self, phone: Phone, page: str, raw: Raw, base: datetime | None) -> diary.DraftView:
        with transaction() as session:
            draft = diary.save_draft_page(
                session, actor=self.account, diary_on=self.today, client_id=str(uuid4()), page=page, raw=raw,
                now=self.now, base=base,
            )  # fmt: skip
        phone.base, phone.contact_at = draft.saved_at, self.now
        self.learn({**draft.raw, **raw}, draft.client_id)
        return draft

    @rule(phone=st.integers(0, 1))
    def send_on_line(self, phone: int) -> None:
        """The pages that are missing are answered "no"; what cannot be read stays a draft."""
        self.tick()
        draft = diary.get_draft(db.session, actor=self.account, diary_on=self.today)
        for page in PAGES:
            if page not in draft.pages:
                draft = self.save(self.phones[phone], page, WELL[page], None)
        form = diary.own_form(db.session, actor=self.account, diary_on=self.today, at=self.now)
        answers, problems = read_answers(form, draft.raw)
        if problems:
            return
        sent = diary.Submission(draft.client_id, self.today, dict(answers), self.now, OFFSET, "zh-CN")
        with transaction() as session:
            diary.submit_diary(session, actor=self.account, submission=sent, now=self.now)
        self.learn(draft.raw, draft.client_id)

    @rule(phone=st.integers(0, 1), answer=st.sampled_from(ANSWERS))
    def answer_off_line(self, phone: int, answer: tuple[str, Raw]) -> None:
        self.tick()
        self.phones[phone].typed |= answer[1]

    @rule(phone=st.integers(0, 1), whole=st.booleans(), day=st.sampled_from((0, 0, 0, -1, -9, 1)))
    def send_off_line(self, phone: int, whole: bool, day: int) -> None:
        """It waits on the phone, under the phone's own date; without storage it is gone with the page."""
        self.tick()
        one = self.phones[phone]
        if not one.typed:
            return
        raw = {**{key: value for page in WELL.values() for key, value in page.items()}, **one.typed}
        claimed = self.now + one.clock_error
        queued = diary.QueuedDiary(
            client_id=str(uuid4()),
            diary_on=local_day(claimed, "Asia/Shanghai") + timedelta(days=day) if day != 1 else None,
            raw=raw if whole else dict(one.typed),
            claimed_at=claimed,
            offset_minutes=OFFSET,
            language="zh-CN",
            last_contact_at=one.contact_at,
        )
        if one.can_store:
            one.waiting.append(queued)
        one.typed = {}

    @rule(phone=st.integers(0, 1), twice=st.booleans())
    def network_comes_back(self, phone: int, twice: bool) -> None:
        self.tick()
        one = self.phones[phone]
        for queued in [*one.waiting, *(one.waiting if twice else [])]:
            with transaction() as session:
                result = diary.receive_queued_diary(session, actor=self.account, waiting=queued, now=self.now)
            assert result.verdict != "refused", (queued, result)
            assert (result.severity == "red") >= bool(signs_of(queued.raw, jaundice_settled=bool(self.results)))
            self.learn(queued.raw, queued.client_id)
        one.waiting, one.contact_at = [], self.now

    @rule(phone=st.integers(0, 1), error=st.sampled_from(CLOCK_ERRORS), can_store=st.booleans())
    def phone_misbehaves(self, phone: int, error: timedelta, can_store: bool) -> None:
        self.tick()
        self.phones[phone].clock_error, self.phones[phone].can_store = error, can_store

    @rule(which=st.integers(0, 3))
    def take_a_red_back(self, which: int) -> None:
        """The second sign within a day stays red, as the specification says."""
        self.tick()
        draft = diary.get_draft(db.session, actor=self.account, diary_on=self.today)
        if not draft.unsent_reds:
            return
        red = draft.unsent_reds[which % len(draft.unsent_reds)]
        try:
            with transaction() as session:
                diary.take_back_red(session, actor=self.account, diary_on=self.today, flag_id=red.flag_id, now=self.now)
        except Conflict:
            return
        assert red.can_be_taken_back
        recent = {rule_id for rule_id, at in self.taken_back if self.now - at < timedelta(hours=24)}
        self.taken_back.append((red.rule_id, self.now))
        for one in self.given:
            if one.sign.rule_id == red.rule_id and one.client_id == draft.client_id and not recent - {red.rule_id}:
                one.taken_back = True

    @rule(well=st.booleans())
    def correct_the_last_report(self, well: bool) -> None:
        self.tick()
        rows = diary.list_diaries(db.session, actor=self.account)
        if not rows:
            return
        answers = {key: value for page in WELL.values() for key, value in page.items()}
        raw = answers if well else {**answers, "warning-signs": ["confusion"]}
        form = diary.own_form(db.session, actor=self.account, diary_on=self.today, at=self.now)
        typed, _problems = read_answers(form, raw)
        try:
            with transaction() as session:
                new_id = diary.correct_report(
                    session, actor=self.account, diary_id=rows[0].id, answers=dict(typed), reason="Mistake",
                    now=self.now,
                )  # fmt: skip
        except PortalError:
            return
        self.learn(raw, f"correction {new_id}")

    # -- the ward --------------------------------------------------------------------------------------------------

    @rule(which=st.integers(0, 4), then=st.sampled_from(("claim", "contact", "wait", "close")))
    def nurse_acts(self, which: int, then: str) -> None:
        self.tick()
        rows = self.episodes()
        if not rows:
            return
        episode = rows[which % len(rows)]
        about = {"actor": self.nurse, "episode_id": episode.id, "version": episode.version, "now": self.now}
        organ, state = str(episode.organ), str(episode.state)
        try:
            with transaction() as session:
                if state == "new" or then == "claim":
                    triage.claim_episode(session, **about)
                elif then == "contact":
                    triage.record_contact(session, **about)
                elif then == "wait":
                    triage.set_waiting(session, **about, waiting_for="visit")
                else:
                    triage.close_episode(session, **about, outcome="advice-given", note="Over")
        except Conflict:
            return
        for one in self.given:
            if one.organ == organ:
                one.seen = True
                one.contacted |= state != "new" and then == "contact"
                one.closed |= state != "new" and then == "close"

    @rule(milligrams=st.sampled_from((Decimal("0.8"), Decimal("4.0"))))
    def enter_a_bilirubin(self, milligrams: Decimal) -> None:
        self.tick()
        with transaction() as session:
            enter_result(
                session, actor=self.nurse, study_number=self.person.study_number, measure="bilirubin:mg/dL",
                value=milligrams, measured_at=self.now, now=self.now, confirmed=True,
            )  # fmt: skip
        self.results.append(self.now)

    @precondition(lambda self: self.now > NOW + timedelta(hours=30))
    @rule()
    def close_the_data(self) -> None:
        self.tick()
        asked = locking.LockRequest(
            LockKind.FREEZE, None, self.person.study_number, self.today - timedelta(days=1), "Interim look"
        )
        with transaction() as session:
            manager = Actor("staff", Role.DATA_MANAGER, 1, sites=frozenset({"RJ"}))
            locking.close_data(session, actor=manager, closing=asked, now=self.now)

    @rule(kind=st.sampled_from(("ward", "paused")))
    def go_to_hospital(self, kind: str) -> None:
        self.tick()
        with transaction() as session:
            participation.record_stay(
                session, actor=self.nurse, study_number=self.person.study_number, diary=kind,
                until_on=self.today + timedelta(days=2), reason="Fever", now=self.now,
            )  # fmt: skip

    # -- the clock -------------------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from(STEP_SIZES))
    def time_passes(self, minutes: int) -> None:
        """And the jobs run."""
        self.tick(minutes)
        diary.store_overdue_drafts(transaction, now=self.now)
        watching.judge_missed_diaries(transaction, now=self.now)
        triage.escalate_episodes(transaction, now=self.now)
        with transaction() as session:
            participation.resume_due_participants(session, now=self.now)

    # -- what must hold --------------------------------------------------------------------------------------------

    @invariant()
    def participant_is_told_to_call(self) -> None:
        db.session.rollback()
        call = diary.get_call_now(db.session, actor=self.account, now=self.now)
        missing = {one.sign.rule_id for one in self.given if not one.contacted and not one.taken_back}
        if missing:
            assert call is not None, missing
            assert len(call.signs) >= len(missing), (missing, call.signs)
            newest = max(one.at for one in self.given if not one.contacted and not one.taken_back)
            assert call.newest_at >= newest
            assert call.claimed_by_at is None or call.claimed_by_at > self.now

    @invariant()
    def ward_has_every_red(self) -> None:
        by_organ = {str(episode.organ): episode for episode in self.episodes()}
        for one in self.standing():
            assert one.organ in by_organ, one
            assert by_organ[one.organ].severity == "red", one

    @invariant()
    def nothing_newer_sees_or_re_times_it(self) -> None:
        for episode in self.episodes():
            unseen = [one for one in self.standing(organ=str(episode.organ)) if one.is_news and not one.seen]
            if unseen:
                assert episode.state == "new", (episode.state, unseen)
                oldest = min(one.at for one in unseen) + ACKNOWLEDGE
                # Once that time is over the steps up the rota have begun, and a new alert has a clock of its own.
                assert self.now >= oldest or episode.acknowledge_by_at <= oldest, (episode.acknowledge_by_at, unseen)

    @invariant()
    def staff_are_told_in_time(self) -> None:
        by_organ = {str(episode.organ): episode for episode in self.episodes()}
        for one in self.standing():
            if one.is_news and one.organ in by_organ:
                key = f"episode:{by_organ[one.organ].id}:"
                assert any(one.at <= at <= one.at + UNSENT_ALERT for at in self.alerts(key)), one

    def alerts(self, key: str) -> Iterator[datetime]:
        rows = select(Message.not_before_at).where(
            Message.kind == "staff-alert", Message.dedupe_key.startswith(key), Message.state.in_(OPEN_STATES)
        )
        return iter(db.session.scalars(rows).all())

    def teardown(self) -> None:
        """Nothing of this participant is left for the jobs of the next run."""
        db.session.rollback()
        with transaction() as session:
            audit.begin(session, actor=SYSTEM, action="test:end", now=self.now, participant_id=self.person.id)
            session.execute(update(Episode).where(Episode.participant_id == self.person.id).values(state="closed"))
            session.execute(update(Participant).where(Participant.id == self.person.id).values(status="completed"))
