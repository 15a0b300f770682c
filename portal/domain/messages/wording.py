"""What a text may say, and what it costs: segments, forbidden words, and the policy of where it goes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType
from typing import Final, Literal

from portal.domain.messages.kinds import MessageKind
from portal.domain.messages.timing import DestinationQuietHours

# GSM 03.38. What stands in the second string takes two places.
GSM7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_DOUBLE: Final = frozenset("\f^{}\\[~]|€")

# No health information in a text, ever; no study; and in mainland China nothing that sounds like a survey.
FORBIDDEN_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "en": (
            "gvhd", "graft", "transplant", "stem cell", "imsc", "infusion", "infuse", "cell", "rash", "skin", "stool",
            "diarrh", "nausea", "vomit", "fever", "temperature", "pain", "blood", "bilirubin", "jaundice", "liver",
            "symptom", "medicine", "medication", "drug", "dose", "treatment", "therapy", "clinic", "hospital", "ward",
            "doctor", "nurse", "patient", "health", "illness", "disease", "diary", "trial", "study", "research",
            "nct0", "ruijin",
        ),
        "zh-CN": (
            "移植", "排斥", "抗宿主", "干细胞", "细胞", "输注", "输液", "皮疹", "皮肤", "大便", "腹泻", "恶心", "呕吐",
            "发热", "体温", "疼痛", "血", "胆红素", "黄疸", "肝", "症状", "药", "剂量", "治疗", "疗法", "门诊", "医院",
            "病房", "医生", "护士", "患者", "病", "健康", "日记", "试验", "研究", "瑞金",
        ),
    }
)  # fmt: skip
# What carriers of some countries take for a survey, and do not deliver.
SURVEY_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "en": ("questionnaire", "survey", "poll", "feedback"),
        "zh-CN": ("问卷", "调查", "调研", "满意度", "反馈"),
    }
)
LINK: Final = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(?:cn|com|net|org|example|io)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One kind in one language. ``approvals`` maps a provider to the id under which it registered the wording.

    ``subject`` is the subject line of an e-mail.
    """

    kind: MessageKind
    version: int
    language: str
    body: str
    approvals: Mapping[str, str]
    subject: str = ""

    def fill(self, **values: str) -> str:
        return self.body.format(**values)


@dataclass(frozen=True, slots=True)
class Destination:
    """What a country allows in a text.

    ``sender``: what the text may come from; ``registered``: only wordings that the provider has on file go through.
    The quiet hours are kept besides the protocol's.
    """

    calling_code: str
    links: bool
    two_way: bool
    sender: Literal["number", "service", "signature"] = "number"
    registered: bool = False
    survey_words: bool = True
    quiet_from: time | None = None
    quiet_until: time | None = None

    @property
    def quiet(self) -> tuple[DestinationQuietHours, ...]:
        both = self.quiet_from is not None and self.quiet_until is not None
        return (DestinationQuietHours(self.quiet_from, self.quiet_until),) if both else ()  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Segments:
    """``units`` are septets or UTF-16 units; ``forcing`` are the characters that make it UCS-2."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int
    forcing: tuple[str, ...]


def count_segments(body: str) -> Segments:
    """What is charged: GSM-7 160 alone and 153 in a chain, UCS-2 70 and 67."""
    forcing = tuple(dict.fromkeys(letter for letter in body if letter not in GSM7 and letter not in GSM7_DOUBLE))
    if forcing:
        units = len(body.encode("utf-16-be")) // 2
        return Segments("UCS-2", units, _count(units, 70, 67), forcing)
    units = sum(2 if letter in GSM7_DOUBLE else 1 for letter in body)
    return Segments("GSM-7", units, _count(units, 160, 153), ())


def _count(units: int, alone: int, chained: int) -> int:
    return 1 if units <= alone else -(-units // chained)


def wording_faults(body: str, *, language: str, destination: Destination) -> tuple[str, ...]:
    """The reasons why this wording may not be sent there, in English for its editor; empty when there are none."""
    return tuple(_faults(body, language, destination))


def _faults(body: str, language: str, destination: Destination) -> Iterator[str]:
    small = body.casefold()
    for word in FORBIDDEN_WORDS[language] + (() if destination.survey_words else SURVEY_WORDS[language]):
        if re.search(rf"\b{word}" if word.isascii() else word, small):
            yield f"says {word!r}"
    if LINK.search(body) and not destination.links:
        yield f"holds a link, which +{destination.calling_code} refuses"
    found = count_segments(body)
    if found.count > 1:
        yield f"takes {found.count} segments"
    if language == "en" and found.forcing:
        yield f"is UCS-2 because of {' '.join(map(repr, found.forcing))}"
