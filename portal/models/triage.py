"""Flags, the episodes that gather them, and every step that staff take."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.alert_rules.kinds import Organ, Severity
from portal.domain.triage import EpisodeOutcome, EpisodeState, EpisodeStepKind, WaitingFor
from portal.models.base import Base, Encrypted, EnumText, Json, WithId

DRAFTED = "draft_client_id IS NOT NULL"


class Episode(WithId, Base):
    """One open episode per participant and organ. ``version`` counts changes, to detect concurrent edits.

    ``severity`` is the highest so far; ``acknowledge_by_at`` and ``close_by_at`` its deadlines.
    ``waiting_for`` is kept while it waits. ``seen_at`` is when staff first claimed it.
    """

    __tablename__ = "episode"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    site: Mapped[str] = mapped_column(String(10))
    organ: Mapped[Organ] = mapped_column(EnumText(Organ, 12))
    severity: Mapped[Severity] = mapped_column(EnumText(Severity, 6))
    stage: Mapped[int | None]
    state: Mapped[EpisodeState] = mapped_column(EnumText(EpisodeState, 12))
    opened_at: Mapped[datetime]
    last_flag_at: Mapped[datetime]
    acknowledge_by_at: Mapped[datetime]
    close_by_at: Mapped[datetime]
    waiting_for: Mapped[WaitingFor | None] = mapped_column(EnumText(WaitingFor, 12))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    seen_at: Mapped[datetime | None]
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[EpisodeOutcome | None] = mapped_column(EnumText(EpisodeOutcome, 24))
    protocol_version: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


Index("uq_episode_open", Episode.participant_id, Episode.organ, unique=True,
      sqlite_where=text("state <> 'closed'"), postgresql_where=text("state <> 'closed'"))  # fmt: skip
Index("ix_episode_triage", Episode.site, Episode.severity.desc(), Episode.acknowledge_by_at, Episode.id,
      sqlite_where=text("state <> 'closed'"), postgresql_where=text("state <> 'closed'"))  # fmt: skip


class Flag(WithId, Base):
    """One rule that one diary met. ``evidence`` is ``{"msgid": ..., "params": {...}}``; words are made when read.

    ``corrected_at``: when the participant's correction took the ground away from it; it stays all the same.

    An *unsent red* was answered on a page of a diary that is not sent: ``draft_client_id`` names the draft, ``page``
    its page, ``diary_on`` its day, ``day_link`` whether a reminder's link had opened it; ``diary_id`` is set when the
    diary is sent. ``alert_number`` is the episode's alert that tells staff of it, at ``alert_at`` unless it is sent
    before.
    ``taken_back_at``: when the participant said that it was a mistake.
    """

    __tablename__ = "flag"
    __table_args__ = (Index("ix_flag_draft", "draft_client_id", sqlite_where=text(DRAFTED),
                            postgresql_where=text(DRAFTED)),)  # fmt: skip

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    diary_id: Mapped[int | None] = mapped_column(ForeignKey("diary.id"), index=True)
    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"), index=True)
    rule_id: Mapped[str] = mapped_column(String(40))
    rule_version: Mapped[int]
    organ: Mapped[Organ] = mapped_column(EnumText(Organ, 12))
    severity: Mapped[Severity] = mapped_column(EnumText(Severity, 6))
    evidence: Mapped[dict[str, Any]] = mapped_column(Json)
    raised_at: Mapped[datetime]
    protocol_version: Mapped[str] = mapped_column(String(12))
    corrected_at: Mapped[datetime | None]
    draft_client_id: Mapped[str | None] = mapped_column(String(36))
    page: Mapped[str | None] = mapped_column(String(40))
    diary_on: Mapped[date | None]
    day_link: Mapped[bool] = mapped_column(default=False)
    alert_number: Mapped[int | None]
    alert_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]


class EpisodeStep(WithId, Base):
    """What happened to an episode: ``kind`` is a transition's name, ``joined``, ``alerted`` or ``note``."""

    __tablename__ = "episode_step"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"), index=True)
    kind: Mapped[EpisodeStepKind] = mapped_column(EnumText(EpisodeStepKind, 16))
    from_state: Mapped[EpisodeState | None] = mapped_column(EnumText(EpisodeState, 12))
    to_state: Mapped[EpisodeState] = mapped_column(EnumText(EpisodeState, 12))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str | None] = mapped_column(Encrypted("episode_step.note"))
    at: Mapped[datetime]
