"""Silence becomes a kind of its own: episodes that only missed diaries have made, with their flags.

An episode that a symptom has joined stays where it is, whole. Two open ones of a participant cannot both be silence:
the older is, the other stays. Several serious events of a participant may be open tasks at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
SILENT = ("missed-after-flag", "missed-after-infusion", "missed-in-a-row")
NEW_TASKS = ("serious-event", "scheduled-bilirubin", "weight-to-confirm")
ORGANS = ("general", "infusion", "upper_gi", "lower_gi", "liver", "skin")
EPISODE = sa.table(
    "episode",
    sa.column("id"),
    sa.column("participant_id"),
    sa.column("organ"),
    sa.column("state"),
    sa.column("version"),
)
TASK = sa.table("task", sa.column("kind"))
FLAG = sa.table("flag", sa.column("episode_id"), sa.column("organ"), sa.column("rule_id"))


def upgrade() -> None:
    _index_tasks("closed_at IS NULL AND kind <> 'serious-event'")
    missed = sa.select(FLAG.c.episode_id).where(FLAG.c.rule_id.in_(SILENT))
    symptoms = sa.select(FLAG.c.episode_id).where(FLAG.c.rule_id.not_in(SILENT))
    found = sa.select(EPISODE.c.id, EPISODE.c.participant_id, EPISODE.c.state).where(
        EPISODE.c.id.in_(missed), EPISODE.c.id.not_in(symptoms)
    )
    taken = set()
    for episode_id, participant_id, state in op.get_bind().execute(found.order_by(EPISODE.c.id)).all():
        if state != "closed" and participant_id in taken:
            continue
        if state != "closed":
            taken.add(participant_id)
        _move(episode_id, "silence")


def downgrade() -> None:
    """Each into a kind of which the participant has none open: the earlier program knows no silence."""
    op.execute(sa.delete(TASK).where(TASK.c.kind.in_(NEW_TASKS)))
    _index_tasks("closed_at IS NULL")
    found = sa.select(EPISODE.c.id, EPISODE.c.participant_id, EPISODE.c.state).where(EPISODE.c.organ == "silence")
    for episode_id, participant_id, state in op.get_bind().execute(found.order_by(EPISODE.c.id)).all():
        others = sa.select(EPISODE.c.organ).where(
            EPISODE.c.participant_id == participant_id, EPISODE.c.state != "closed", EPISODE.c.id != episode_id
        )
        open_ = set(op.get_bind().execute(others).scalars()) if state != "closed" else set()
        _move(episode_id, next(organ for organ in ORGANS if organ not in open_))


def _index_tasks(which: str) -> None:
    op.drop_index("uq_task_open", "task")
    op.create_index(
        "uq_task_open",
        "task",
        ["participant_id", "kind"],
        unique=True,
        sqlite_where=sa.text(which),
        postgresql_where=sa.text(which),
    )


def _move(episode_id: int, organ: str) -> None:
    op.execute(sa.update(EPISODE).where(EPISODE.c.id == episode_id).values(organ=organ))
    op.execute(sa.update(FLAG).where(FLAG.c.episode_id == episode_id).values(organ=organ))
