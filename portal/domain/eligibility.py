"""Every criterion of the registry entry held against what is known of a person: met, not met or unknown.

Bounds are inclusive and values are compared as they came, never rounded (a MAP of 0.138 is not 0.14). What nobody
has entered is unknown, and unknown is never taken for a yes or a no.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.protocol import Criterion, EligibilityBounds, LocalizedText, Protocol


class CriterionVerdict(StrEnum):
    """What the criterion's own sentence is: an exclusion that is ``met`` is present and keeps the person out."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


class EligibilityOutcome(StrEnum):
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not eligible"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningFacts:
    """What is known of a person before enrolment; ``None`` is "not known".

    ``first_treatment_on`` is the day planned for the first study treatment. ``map_first`` and ``map_second`` are the
    laboratory's MAP of the first and second sampling day, as reported. ``exclusions`` maps a criterion's code to
    whether it is present; a code that is not there is unknown.
    """

    transplant_on: date | None = None
    enrol_on: date | None = None
    born_on: date | None = None
    haematological_disease: bool | None = None
    calcineurin_inhibitor: bool | None = None
    mycophenolate: bool | None = None
    anti_thymocyte_globulin: bool | None = None
    map_first: Decimal | None = None
    map_second: Decimal | None = None
    survival_weeks: int | None = None
    ecog: int | None = None
    hct_ci: int | None = None
    first_treatment_on: date | None = None
    consent: bool | None = None
    guardian_consent: bool | None = None
    assent: bool | None = None
    exclusions: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CriterionFinding:
    """One criterion, its verdict and the reason in both languages."""

    criterion: Criterion
    verdict: CriterionVerdict
    why: LocalizedText

    @property
    def keeps_out(self) -> bool:
        bad = CriterionVerdict.MET if self.criterion.kind == "exclusion" else CriterionVerdict.NOT_MET
        return self.verdict is bad


CriterionJudgement = tuple[CriterionVerdict, LocalizedText]
Part = tuple[bool | None, LocalizedText]


def evaluate_criteria(facts: ScreeningFacts, protocol: Protocol) -> tuple[CriterionFinding, ...]:
    """One finding a criterion, in the order of the registry entry."""
    return tuple(CriterionFinding(criterion, *_judge(criterion, facts, protocol)) for criterion in protocol.criteria)


def eligibility_outcome(findings: tuple[CriterionFinding, ...]) -> EligibilityOutcome:
    """Not eligible as soon as one criterion keeps the person out; eligible only when none is unknown."""
    if any(finding.keeps_out for finding in findings):
        return EligibilityOutcome.NOT_ELIGIBLE
    unknown = any(finding.verdict is CriterionVerdict.UNKNOWN for finding in findings)
    return EligibilityOutcome.INCOMPLETE if unknown or not findings else EligibilityOutcome.ELIGIBLE


def age_on(born_on: date, on: date) -> int:
    """Completed years on that day; who is born on 29 February has the birthday on 1 March in other years."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def _judge(criterion: Criterion, facts: ScreeningFacts, protocol: Protocol) -> CriterionJudgement:
    if criterion.kind == "exclusion":
        return _exclusion(facts.exclusions.get(criterion.code))
    return INCLUSION_RULES[criterion.code](facts, protocol.eligibility)


def _exclusion(present: bool | None) -> CriterionJudgement:
    if present is None:
        return CriterionVerdict.UNKNOWN, LocalizedText("Not answered yet", "尚未填写")
    if present:
        return CriterionVerdict.MET, LocalizedText("Present", "存在该情况")
    return CriterionVerdict.NOT_MET, LocalizedText("Not present", "不存在该情况")


def _all(*parts: Part) -> CriterionJudgement:
    """Met when every part is; one part that fails decides, whatever else is unknown. The deciding reasons are told."""
    states = {state for state, _ in parts}
    decisive = False if False in states else None if None in states else True
    verdict = {True: CriterionVerdict.MET, False: CriterionVerdict.NOT_MET, None: CriterionVerdict.UNKNOWN}[decisive]
    reasons = [why for state, why in parts if state is decisive]
    return verdict, LocalizedText("; ".join(why.en for why in reasons), "；".join(why.zh for why in reasons))


def _known(fact: bool | None, name: LocalizedText) -> Part:
    says = {True: ("yes", "是"), False: ("no", "否"), None: ("not known", "未知")}[fact]
    return fact, LocalizedText(f"{name.en}: {says[0]}", f"{name.zh}：{says[1]}")


def _from_to(name: LocalizedText, value: int | None, low: int | None, high: int | None) -> Part:
    if value is None:
        return None, LocalizedText(f"{name.en}: not known", f"{name.zh}：未知")
    fits = (low is None or value >= low) and (high is None or value <= high)
    en = " ".join(
        word for word in ("" if low is None else f"from {low}", "" if high is None else f"up to {high}") if word
    )
    zh = "，".join(
        word for word in ("" if low is None else f"不低于 {low}", "" if high is None else f"不超过 {high}") if word
    )
    return fits, LocalizedText(f"{name.en}: {value} (must be {en})", f"{name.zh}：{value}（要求{zh}）")


def _days_between(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days


def _age(facts: ScreeningFacts) -> int | None:
    return None if facts.born_on is None or facts.enrol_on is None else age_on(facts.born_on, facts.enrol_on)


def _disease_and_day(facts: ScreeningFacts, bounds: EligibilityBounds) -> CriterionJudgement:
    day = _days_between(facts.transplant_on, facts.enrol_on)
    return _all(
        _known(facts.haematological_disease, LocalizedText("Haematological disease", "血液病")),
        _from_to(LocalizedText("Day after transplant", "移植后天数"), day, bounds.day_min, bounds.day_max),
    )


def _age_in_years(facts: ScreeningFacts, bounds: EligibilityBounds) -> CriterionJudgement:
    return _all(_from_to(LocalizedText("Age in years", "年龄（周岁）"), _age(facts), bounds.age_min, bounds.age_max))


def _prophylaxis(facts: ScreeningFacts, _bounds: EligibilityBounds) -> CriterionJudgement:
    return _all(
        _known(facts.calcineurin_inhibitor, LocalizedText("Calcineurin inhibitor", "钙调磷酸酶抑制剂")),
        _known(facts.mycophenolate, LocalizedText("Mycophenolate mofetil", "吗替麦考酚酯")),
        _known(
            facts.anti_thymocyte_globulin,
            LocalizedText("Rabbit anti-human thymocyte globulin", "兔抗人胸腺细胞免疫球蛋白"),
        ),
    )


def _map(facts: ScreeningFacts, bounds: EligibilityBounds) -> CriterionJudgement:
    """The second sample is taken, and counts, only when the first was below the bound."""
    first = _map_part(facts.map_first, bounds.map_first_day, bounds)
    if first[0] is not False:
        return _all(first)
    return _all(_map_part(facts.map_second, bounds.map_second_day, bounds))


def _map_part(value: Decimal | None, day: int, bounds: EligibilityBounds) -> Part:
    if value is None:
        return None, LocalizedText(f"MAP of day +{day}: not known", f"移植后第 {day} 天 MAP：未知")
    says = LocalizedText(
        f"MAP of day +{day}: {value} (must be from {bounds.map_min})",
        f"移植后第 {day} 天 MAP：{value}（要求不低于 {bounds.map_min}）",
    )
    return value >= bounds.map_min, says


def _survival(facts: ScreeningFacts, bounds: EligibilityBounds) -> CriterionJudgement:
    name = LocalizedText("Estimated survival in weeks", "预计生存期（周）")
    return _all(_from_to(name, facts.survival_weeks, bounds.survival_weeks_min, None))


def _performance(facts: ScreeningFacts, bounds: EligibilityBounds) -> CriterionJudgement:
    return _all(
        _from_to(LocalizedText("ECOG", "ECOG 评分"), facts.ecog, 0, bounds.ecog_max),
        _from_to(LocalizedText("HCT-CI", "HCT-CI 评分"), facts.hct_ci, 0, bounds.hct_ci_max),
    )


def _first_treatment(facts: ScreeningFacts, bounds: EligibilityBounds) -> CriterionJudgement:
    days = _days_between(facts.enrol_on, facts.first_treatment_on)
    name = LocalizedText("Days from enrolment to the first treatment", "入组至首次治疗的天数")
    return _all(_from_to(name, days, 0, bounds.first_treatment_within_days))


def _consent(facts: ScreeningFacts, bounds: EligibilityBounds) -> CriterionJudgement:
    age = _age(facts)
    if age is None:
        return _all(
            (
                None,
                LocalizedText(
                    "Age: not known, so neither is who must consent", "年龄未知，无法确定应由谁签署知情同意书"
                ),
            )
        )
    if age >= bounds.own_consent_age:
        return _all(_known(facts.consent, LocalizedText("Participant's consent", "本人知情同意")))
    return _all(
        _known(facts.guardian_consent, LocalizedText("Guardian's consent", "监护人知情同意")),
        _known(facts.assent, LocalizedText("Participant's assent", "本人同意参加")),
    )


INCLUSION_RULES: Final[Mapping[str, Callable[[ScreeningFacts, EligibilityBounds], CriterionJudgement]]] = (
    MappingProxyType(
        {
            "disease-and-day": _disease_and_day,
            "age": _age_in_years,
            "prophylaxis": _prophylaxis,
            "map": _map,
            "survival": _survival,
            "performance": _performance,
            "first-treatment": _first_treatment,
            "consent": _consent,
        }
    )
)
