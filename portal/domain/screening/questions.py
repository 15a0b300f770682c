"""What each step of a screening asks: the fields, what may be typed into each, and the criteria that a step decides."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.eligibility import CriterionFinding
from portal.domain.protocol import Protocol


class ScreeningState(StrEnum):
    OPEN = "open"
    FAILED = "failed"
    ALLOCATED = "allocated"


class ScreeningStep(StrEnum):
    PERSON = "person"
    DISEASE = "disease"
    MAP = "map"
    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"
    CONSENT = "consent"


class QuestionKind(StrEnum):
    """What may be typed into a field."""

    TEXT = "text"
    PHONE = "phone"
    CHOICE = "choice"
    DAY = "day"
    PAST_DAY = "past-day"
    NUMBER = "number"
    WHOLE = "whole"


class ConsentKind(StrEnum):
    """``sensitive``: the separate consent for sensitive personal data (PIPL, article 29)."""

    OWN = "own"
    GUARDIAN = "guardian"
    ASSENT = "assent"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class ScreeningField:
    """One question. ``low`` and ``high`` are what a number may be at all, not what makes somebody eligible."""

    name: str
    kind: QuestionKind
    required: bool = False
    choices: tuple[str, ...] = ()
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    length: int = 80


YES, NO, UNKNOWN = "yes", "no", "unknown"
KNOWN: Final = (YES, NO, UNKNOWN)
LANGUAGES: Final = ("zh-CN", "en")


def _known(name: str) -> ScreeningField:
    return ScreeningField(name, QuestionKind.CHOICE, choices=KNOWN)


def _whole(name: str, high: int) -> ScreeningField:
    return ScreeningField(name, QuestionKind.WHOLE, high=Decimal(high))


def _map_sample(sample: str) -> tuple[ScreeningField, ...]:
    return (
        ScreeningField(sample, QuestionKind.NUMBER, high=Decimal(1)),
        ScreeningField(f"{sample}_assay", QuestionKind.TEXT),
        ScreeningField(f"{sample}_laboratory", QuestionKind.TEXT),
        ScreeningField(f"{sample}_on", QuestionKind.PAST_DAY),
        ScreeningField(f"{sample}_variant", QuestionKind.TEXT),
    )


def _consent(kind: ConsentKind) -> tuple[ScreeningField, ...]:
    return (
        ScreeningField(f"{kind}", QuestionKind.CHOICE, choices=(YES, NO)),
        ScreeningField(f"{kind}_version", QuestionKind.TEXT, length=20),
        ScreeningField(f"{kind}_on", QuestionKind.PAST_DAY),
        ScreeningField(f"{kind}_signer", QuestionKind.TEXT),
    )


SAMPLES: Final = ("map_first", "map_second")
_FIXED: Final = MappingProxyType(
    {
        ScreeningStep.PERSON: (
            ScreeningField("name", QuestionKind.TEXT, required=True),
            ScreeningField("born_on", QuestionKind.PAST_DAY, required=True),
            ScreeningField("phone", QuestionKind.PHONE),
            ScreeningField("language", QuestionKind.CHOICE, required=True, choices=LANGUAGES),
            ScreeningField("guardian_name", QuestionKind.TEXT),
            ScreeningField("guardian_phone", QuestionKind.PHONE),
        ),
        ScreeningStep.DISEASE: (
            _known("haematological_disease"),
            ScreeningField("diagnosis", QuestionKind.TEXT, length=200),
            ScreeningField("transplant_on", QuestionKind.PAST_DAY),
            ScreeningField("enrol_on", QuestionKind.DAY),
            ScreeningField("weight_kg", QuestionKind.NUMBER, low=Decimal(20), high=Decimal(250)),
        ),
        ScreeningStep.MAP: tuple(field for sample in SAMPLES for field in _map_sample(sample)),
        ScreeningStep.INCLUSION: (
            _known("calcineurin_inhibitor"),
            _known("mycophenolate"),
            _known("anti_thymocyte_globulin"),
            _known("methotrexate"),
            _whole("survival_weeks", 1000),
            _whole("ecog", 5),
            _whole("hct_ci", 30),
            ScreeningField("first_treatment_on", QuestionKind.DAY),
        ),
        ScreeningStep.CONSENT: tuple(field for kind in ConsentKind for field in _consent(kind)),
    }
)
CRITERIA: Final[Mapping[str, ScreeningStep]] = MappingProxyType(
    {
        "age": ScreeningStep.PERSON,
        "disease-and-day": ScreeningStep.DISEASE,
        "map": ScreeningStep.MAP,
        "prophylaxis": ScreeningStep.INCLUSION,
        "survival": ScreeningStep.INCLUSION,
        "performance": ScreeningStep.INCLUSION,
        "first-treatment": ScreeningStep.INCLUSION,
        "consent": ScreeningStep.CONSENT,
    }
)


def list_fields(step: ScreeningStep, protocol: Protocol) -> tuple[ScreeningField, ...]:
    """The questions of a step, in their order; the exclusions are the protocol's own."""
    if step is ScreeningStep.EXCLUSION:
        return tuple(_known(criterion.code) for criterion in protocol.criteria_of("exclusion"))
    return _FIXED[step]


def select_findings(step: ScreeningStep, findings: Collection[CriterionFinding]) -> tuple[CriterionFinding, ...]:
    """The criteria that a step decides."""
    return tuple(one for one in findings if _step_of(one) is step)


def _step_of(finding: CriterionFinding) -> ScreeningStep:
    return ScreeningStep.EXCLUSION if finding.criterion.kind == "exclusion" else CRITERIA[finding.criterion.code]
