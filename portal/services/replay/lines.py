"""The result of a replay as flat JSON objects."""

from collections.abc import Iterator
from typing import Any

from portal.domain.alert_rules import Severity
from portal.domain.replay import Side, Tally, by_rule
from portal.services.replay.running import Replay


def lines(found: Replay) -> Iterator[dict[str, Any]]:
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
        **{f"flagged_{name}": side.flagged for name, side in sides(tally)},
        **{f"red_{name}": side.severities[Severity.RED] for name, side in sides(tally)},
        **{f"flagged_a_day_{name}": round(side.flagged / days, 2) if days else 0 for name, side in sides(tally)},
    }
    for rule, (before, after, gained, lost) in by_rule(tally).items():
        yield {"kind": "rule", "rule": rule, "in_force": before, "proposed": after, "gained": gained, "lost": lost}
    for name, side in sides(tally):
        yield {"kind": "onsets", "under": name, "onsets": side.warnings.onsets, **side.warnings.figures()}
    for one in tally.examples:
        on = one.on.isoformat()
        yield {"kind": "example", "participant": one.study_number, "on": on, "rule": one.rule, "change": one.change}


def sides(tally: Tally) -> tuple[tuple[str, Side], ...]:
    return ("in_force", tally.in_force), ("proposed", tally.proposed)
