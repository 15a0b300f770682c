"""Tasks of the study team."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.tasks import TaskClosure, TaskKind
from portal.models.base import Base, Encrypted, EnumText, WithId


class Task(WithId, Base):
    """Work for staff. ``kind`` and ``dedupe_key`` are unique: it is opened once, whichever process tries.

    ``participant_id`` and ``site`` are null for a task of the whole study. ``closed_how`` is ``reason`` where a person
    gave one, else what settled it (``result``, ``diary``, ``number``).
    """

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("kind", "dedupe_key"),)

    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"), index=True)
    site: Mapped[str | None] = mapped_column(String(10))
    kind: Mapped[TaskKind] = mapped_column(EnumText(TaskKind, 20))
    dedupe_key: Mapped[str] = mapped_column(String(80))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_how: Mapped[TaskClosure | None] = mapped_column(EnumText(TaskClosure, 10))
    reason: Mapped[str | None] = mapped_column(Encrypted("task.reason"))


ONE_AT_A_TIME = "closed_at IS NULL AND kind <> 'serious-event'"

Index("uq_task_open", Task.participant_id, Task.kind, unique=True,
      sqlite_where=text(ONE_AT_A_TIME), postgresql_where=text(ONE_AT_A_TIME))  # fmt: skip


Index("ix_task_list", Task.site, Task.due_at, Task.id,
      sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"))  # fmt: skip
