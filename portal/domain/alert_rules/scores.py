"""Any 0-4 score that is high, or that rose since yesterday."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.domain.alert_rules.kinds import Flag, Organ, Rule, Severity
from portal.domain.alert_rules.reading import Reading
from portal.domain.msgid import N_
from portal.domain.reports import number


@dataclass(frozen=True, slots=True)
class Score:
    """``high`` is None where the symptom has a red rule of its own at that score."""

    link_id: str
    high: Rule | None
    rise: Rule


def _rule(name: str, link_id: str, organ: Organ, title: str, words: str) -> Rule:
    return Rule(
        id=name,
        organs=(organ,),
        severity=Severity.AMBER,
        symptom=link_id,
        link_ids=(link_id,),
        title=title,
        words=words,
    )


SCORES = (
    Score(
        "skin-itch",
        _rule(
            "itch-high",
            "skin-itch",
            Organ.SKIN,
            N_("Severe itching"),
            N_("Itching: %(score)s of 4, amber from %(limit)s"),
        ),
        _rule(
            "itch-rise",
            "skin-itch",
            Organ.SKIN,
            N_("Itching is worse"),
            N_("Itching: from %(before)s to %(score)s of 4 since the last report"),
        ),
    ),
    Score(
        "nausea",
        _rule(
            "nausea-high",
            "nausea",
            Organ.UPPER_GI,
            N_("Severe nausea"),
            N_("Nausea: %(score)s of 4, amber from %(limit)s"),
        ),
        _rule(
            "nausea-rise",
            "nausea",
            Organ.UPPER_GI,
            N_("Nausea is worse"),
            N_("Nausea: from %(before)s to %(score)s of 4 since the last report"),
        ),
    ),
    Score(
        "appetite-loss",
        _rule(
            "appetite-high",
            "appetite-loss",
            Organ.UPPER_GI,
            N_("Very poor appetite"),
            N_("Loss of appetite: %(score)s of 4, amber from %(limit)s"),
        ),
        _rule(
            "appetite-rise",
            "appetite-loss",
            Organ.UPPER_GI,
            N_("Appetite is worse"),
            N_("Loss of appetite: from %(before)s to %(score)s of 4 since the last report"),
        ),
    ),
    Score(
        "abdominal-pain",
        None,
        _rule(
            "pain-rise",
            "abdominal-pain",
            Organ.LOWER_GI,
            N_("Abdominal pain is worse"),
            N_("Abdominal pain: from %(before)s to %(score)s of 4 since the last report"),
        ),
    ),
)

RULES = tuple(rule for score in SCORES for rule in (score.high, score.rise) if rule is not None)


def flags(reading: Reading) -> Iterator[Flag]:
    """What the 0-4 scores raise."""
    for score in SCORES:
        now = number(reading.answers, score.link_id)
        if now is not None:
            yield from _flags(reading, score, now)


def _flags(reading: Reading, score: Score, now: int) -> Iterator[Flag]:
    limits = reading.thresholds
    if score.high is not None and now >= limits.score_amber:
        yield score.high.flag(score=now, limit=limits.score_amber)
    before = number(reading.yesterday.answers, score.link_id) if reading.yesterday else None
    if before is not None and now - before >= limits.score_rise:
        yield score.rise.flag(before=before, score=now)
