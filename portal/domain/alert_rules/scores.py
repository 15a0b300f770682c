"""The rules about 0-4 scores: one that is high, or that rose since yesterday."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.kinds import PROTOCOL, AlertRule, Flag, Organ, Severity, answer_rule
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.msgid import N_
from portal.domain.reports import answer_number


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """``high`` is None where the symptom has a red rule of its own at that score."""

    link_id: str
    high: AlertRule | None
    rise: AlertRule


Words = tuple[str, str]


def _score(name: str, link_id: str, organ: Organ, *, high: Words | None = None, rise: Words) -> ScoreRule:
    condition = Comparison(link_id, ">=", "score_amber")
    rise_rule = AlertRule(
        id=f"{name}-rise",
        organs=(organ,),
        severity=Severity.AMBER,
        symptom=link_id,
        link_ids=(link_id,),
        title=rise[0],
        words=rise[1],
        rests_on=("score_rise", "since_yesterday_days"),
        on_device=None,
    )
    high_rule = (
        answer_rule(f"{name}-high", organ, Severity.AMBER, condition, *high, citation=PROTOCOL) if high else None
    )
    return ScoreRule(link_id, high_rule, rise_rule)


SCORES = (
    _score(
        "itch",
        "skin-itch",
        Organ.SKIN,
        high=(N_("Severe itching"), N_("Itching: %(score)s of 4, amber from %(limit)s")),
        rise=(N_("Itching is worse"), N_("Itching: from %(before)s to %(score)s of 4 since the last report")),
    ),
    _score(
        "nausea",
        "nausea",
        Organ.UPPER_GI,
        high=(N_("Severe nausea"), N_("Nausea: %(score)s of 4, amber from %(limit)s")),
        rise=(N_("Nausea is worse"), N_("Nausea: from %(before)s to %(score)s of 4 since the last report")),
    ),
    _score(
        "appetite",
        "appetite-loss",
        Organ.UPPER_GI,
        high=(N_("Very poor appetite"), N_("Loss of appetite: %(score)s of 4, amber from %(limit)s")),
        rise=(N_("Appetite is worse"), N_("Loss of appetite: from %(before)s to %(score)s of 4 since the last report")),
    ),
    _score(
        "pain",
        "abdominal-pain",
        Organ.LOWER_GI,
        rise=(
            N_("Abdominal pain is worse"),
            N_("Abdominal pain: from %(before)s to %(score)s of 4 since the last report"),
        ),
    ),
)

RULES = tuple(rule for score in SCORES for rule in (score.high, score.rise) if rule is not None)


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of the 0-4 scores."""
    for score in SCORES:
        now = answer_number(reading.answers, score.link_id)
        if now is not None:
            yield from _flags(reading, score, now)


def _flags(reading: RuleInput, score: ScoreRule, now: int) -> Iterator[Flag]:
    if score.high is not None and reading.meets(score.high):
        yield score.high.make_flag(score=now, limit=reading.limit_of(score.high))
    before = answer_number(reading.yesterday.answers, score.link_id) if reading.yesterday else None
    if before is not None and now - before >= reading.thresholds.score_rise:
        yield score.rise.make_flag(before=before, score=now)
