"""Rule replay: the diaries of the trial under proposed thresholds, in a sandbox that writes nothing."""

from portal.services.replay.lines import lines
from portal.services.replay.running import Replay, note, read_proposal, replay, sandbox

__all__ = ["Replay", "lines", "note", "read_proposal", "replay", "sandbox"]
