"""The rule that makes two ambers of different symptoms in one report red, in every organ that they touch.

Source: UKONS 24-hour triage tool. One answer that meets two rules counts once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from portal.domain.alert_rules.kinds import UKONS, AlertRule, Flag, Organ, Severity
from portal.domain.msgid import N_

TWO_AMBERS = AlertRule(
    id="two-ambers",
    organs=tuple(organ for organ in Organ if organ is not Organ.SILENCE),
    severity=Severity.RED,
    symptom="two-ambers",
    link_ids=(),
    title=N_("Two amber signs together"),
    words=N_("Amber signs from %(count)s different symptoms in one report"),
    rests_on=(),
    on_device=None,
    citation=UKONS,
)

RULES = (TWO_AMBERS,)


def combine_ambers(raised: Sequence[Flag]) -> Iterator[Flag]:
    """One red flag for each organ that the ambers touch; its evidence names them.

    A damped amber counts beside one that is new or worse; damped ones alone make no red.
    """
    ambers = [flag for flag in raised if flag.severity is Severity.AMBER]
    first_of = {flag.symptom: flag for flag in reversed(ambers)}
    if len(first_of) < 2 or all(flag.damped for flag in ambers):
        return
    counted = [flag for flag in ambers if first_of[flag.symptom] is flag]
    red = TWO_AMBERS.make_flag(count=len(counted))
    evidence = replace(red.evidence, parts=tuple(flag.evidence for flag in counted))
    link_ids = tuple(dict.fromkeys(link_id for flag in counted for link_id in flag.link_ids))
    for organ in dict.fromkeys(flag.organ for flag in ambers):
        yield replace(red, organ=organ, evidence=evidence, link_ids=link_ids)
