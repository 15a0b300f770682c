"""What nobody sends: the diaries that did not come, phones that cannot be reached, birthdays, open assumptions."""

from portal.services.watching.missed_diaries import silence
from portal.services.watching.task_opening import confirmations, reconsents, unreachable_phones

__all__ = ["confirmations", "reconsents", "silence", "unreachable_phones"]
