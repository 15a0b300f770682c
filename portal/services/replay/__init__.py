"""Rule replay: the diaries of the trial under proposed thresholds, in a sandbox that writes nothing."""

from portal.services.replay.lines import replay_lines
from portal.services.replay.running import Replay, read_only_snapshot, read_proposal, record_replay, replay_rules

__all__ = ["Replay", "read_only_snapshot", "read_proposal", "record_replay", "replay_lines", "replay_rules"]
