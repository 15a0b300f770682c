"""What nobody sends: the diaries that did not come, phones that cannot be reached, birthdays, open assumptions."""

from portal.services.watching.missed_diaries import judge_missed_diaries
from portal.services.watching.scheduled_bilirubins import open_scheduled_bilirubins
from portal.services.watching.task_opening import open_assumption_tasks, open_reconsent_tasks, open_unreachable_tasks

__all__ = [
    "judge_missed_diaries",
    "open_assumption_tasks",
    "open_reconsent_tasks",
    "open_scheduled_bilirubins",
    "open_unreachable_tasks",
]
