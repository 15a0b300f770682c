"""The result of a replay as flat JSON objects."""

from collections.abc import Iterator
from typing import Any

from portal.domain.alert_rules import Severity
from portal.domain.replay import ReplaySide, ReplayTally, count_by_rule
from portal.services.replay.running import Replay


def replay_lines(found: Replay) -> Iterator[dict[str, Any]]:
    """The result as flat JSON objects: a summary, one a rule, the onsets, and examples by study number."""
    tally = found.tally
    days = len(tally.days)
    yield {
        "kind": "summary",
        "in_force": found.in_force.version,
        "proposed": found.proposed.version,
        "changed": {name: list(values) for name, values in found.changed.items()},
        "not_replayed": list(found.not_replayed),
        "since": found.since.isoformat() if found.since else None,
        "complete": found.complete,
        "participants": tally.participants,
        "participants_affected": tally.affected,
        "diaries": tally.diaries,
        "missed_diaries": tally.missed,
        "days": days,
        "unlike_record": tally.unlike_record,
        **{f"flagged_{name}": side.flagged for name, side in side_figures(tally)},
        **{f"red_{name}": side.severities[Severity.RED] for name, side in side_figures(tally)},
        **{f"flagged_a_day_{name}": round(side.flagged / days, 2) if days else 0 for name, side in side_figures(tally)},
    }
    for rule, (before, after, gained, lost) in count_by_rule(tally).items():
        yield {"kind": "rule", "rule": rule, "in_force": before, "proposed": after, "gained": gained, "lost": lost}
    for name, side in side_figures(tally):
        yield {"kind": "onsets", "under": name, "onsets": side.warnings.onsets, **side.warnings.figures()}
    for one in tally.examples:
        on = one.on.isoformat()
        yield {"kind": "example", "participant": one.study_number, "on": on, "rule": one.rule, "change": one.change}


def side_figures(tally: ReplayTally) -> tuple[tuple[str, ReplaySide], ...]:
    return ("in_force", tally.in_force), ("proposed", tally.proposed)
