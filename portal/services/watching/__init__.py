"""What nobody sends: the diaries that did not come, phones that cannot be reached, birthdays, open assumptions."""

from portal.services.watching.opening import confirmations, reconsents, unreachable_phones
from portal.services.watching.silence import silence

__all__ = ["confirmations", "reconsents", "silence", "unreachable_phones"]
