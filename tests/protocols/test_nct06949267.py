"""The file against the registry entry and the study's clinical facts."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal import protocols
from portal.domain.protocol import LocalizedText, Protocol
from portal.domain.protocol_file import ProtocolFault

TITLE = (
    "A Study of iMSC for the Prevention of Acute Graft-versus-host Disease After Allogeneic Hematopoietic Stem Cell "
    "Transplantation"
)

FACTS = [
    ("nct_id", "NCT06949267"),
    ("sponsor_id", "RJ-BMT-GvHD-001"),
    ("timezone", "Asia/Shanghai"),
    ("languages", ("en", "zh-CN")),
    (
        "registry.title.en",
        TITLE,
    ),
    ("registry.status.en", "Not yet recruiting"),
    ("registry.phase.en", "Early phase 1"),
    ("registry.study_type.en", "Interventional study"),
    ("registry.conditions.zh", "急性移植物抗宿主病"),
    ("registry.enrolment", 56),
    ("registry.start_on", date(2025, 6, 1)),
    ("registry.completion_on", date(2028, 3, 31)),
    ("registry.last_updated_on", date(2025, 4, 29)),
    ("registry.intervention_model.en", "Parallel groups"),
    ("registry.purpose.en", "Prevention"),
    ("registry.sex.en", "All"),
    ("registry.healthy_volunteers.en", "Not accepted"),
    ("registry.sponsor.en", "Ruijin Hospital"),
    ("registry.responsible_party.en", "The sponsor"),
    ("registry.identifiers", (("ClinicalTrials.gov", "NCT06949267"), ("org_study_id", "RJ-BMT-GvHD-001"))),
    ("eligibility.day_min", 7),
    ("eligibility.day_max", 21),
    ("eligibility.age_min", 14),
    ("eligibility.age_max", 70),
    ("eligibility.map_min", Decimal("0.14")),
    ("eligibility.survival_weeks_min", 24),
    ("eligibility.ecog_max", 2),
    ("eligibility.hct_ci_max", 3),
    ("eligibility.first_treatment_within_days", 5),
    ("infusions.per_week", 2),
    ("infusions.cells_per_kg", 1_000_000),
    ("infusions.count", 8),
    ("diary.last_study_day", 100),
    ("diary.late_until", time(12)),
    ("reminders.default_at", time(19)),
    ("thresholds.fever_red_cel", Decimal("38.0")),
    ("thresholds.stool_ml.red", Decimal(1000)),
    ("thresholds.stool_child_episodes.red", Decimal(7)),
    ("clocks.red_acknowledge_minutes", 60),
    ("clocks.red_principal_minutes", 120),
    ("clocks.amber_acknowledge_working_hours", 8),
]

UNSETTLED = [
    "infusions.weeks",
    "infusions.spacing_days",
    "infusions.window_days",
    "visits",
    "diary.last_study_day",
    "ann_arbor",
    "thresholds",
    "thresholds.cold_amber_cel",
    "thresholds.anorexia_weight_loss_days",
    "clocks.holidays",
    "clocks.extra_working_days",
    "sites.RJ.ward_phone",
    "sites.RJ.urgent_phone",
]


@pytest.mark.parametrize(("key", "value"), FACTS, ids=[key for key, _ in FACTS])
def test_the_file_says_what_the_registry_and_the_clinical_facts_say(
    protocol: Protocol, key: str, value: object
) -> None:
    assert _at(protocol, key) == value


def test_both_arms_have_28_participants_and_only_one_is_infused(protocol: Protocol) -> None:
    assert [(arm.code, arm.planned, arm.infusions) for arm in protocol.arms] == [
        ("control", 28, False),
        ("imsc", 28, True),
    ]


def test_the_trial_group_receives_imsc_on_top_of_what_the_control_group_receives(protocol: Protocol) -> None:
    assert set(protocol.arm("imsc").interventions) - set(protocol.arm("control").interventions) == {"imsc"}
    assert protocol.intervention("imsc").registered == "1× 10^6/kg each time, twice a week"


def test_all_eight_inclusion_and_eleven_exclusion_criteria_are_there_in_order(protocol: Protocol) -> None:
    numbers = [[criterion.number for criterion in protocol.criteria_of(kind)] for kind in ("inclusion", "exclusion")]
    assert numbers == [list(range(1, 9)), list(range(1, 12))]


@pytest.mark.parametrize(
    ("code", "wording"),
    [
        ("map", "(if patients had a MAP< 0.14 at +7d, another test was performed at +14d)"),
        ("prophylaxis", "wtih or without short-course methotrexate and rabbit anti-human thymocyte globulin"),
        ("organ-dysfunction", "Serious organ dysfunction such as organ failure"),
        ("infection", "(HBcAb) and have Hepatitis B Virus (HBV) DNA titers above the normal range"),
        ("no-remission", "Primary malignant hematologic disease was not remission"),
        ("interfering-condition", "may interfere the study results, or had life-threatening complications"),
    ],
)
def test_a_criterion_keeps_the_registered_wording(protocol: Protocol, code: str, wording: str) -> None:
    criterion = next(criterion for criterion in protocol.criteria if criterion.code == code)
    assert wording in criterion.registered
    assert "\\" not in criterion.registered


def test_both_related_trials_are_named(protocol: Protocol) -> None:
    assert [(trial.nct_id, trial.title, trial.status.en) for trial in protocol.registry.related] == [
        ("NCT03631589", "MSC for Severe aGVHD", "Unknown"),
        ("NCT04247945", "Co-transplantation of MSC in the Setting of Allo-HSCT", "Recruiting"),
    ]


def test_the_investigator_is_named_and_the_contact_has_a_number(protocol: Protocol) -> None:
    assert [person.name.en for person in protocol.registry.investigators] == ["Xiaoxia Hu, MD"]
    assert [person.phone for person in protocol.registry.contacts] == ["+86 021-64370045"]


def test_the_wards_numbers_are_never_the_registry_contact(protocol: Protocol) -> None:
    ours = {_digits(site.ward_phone) for site in protocol.sites} | {
        _digits(site.urgent_phone) for site in protocol.sites
    }
    assert not ours & {_digits(person.phone) for person in protocol.registry.contacts}
    assert not any("64370045" in number for number in ours)


def test_the_follow_up_visits_have_windows_that_do_not_touch(protocol: Protocol) -> None:
    assert [(visit.study_day, visit.window_days) for visit in protocol.visits] == [
        (28, 3),
        (56, 7),
        (100, 7),
        (180, 14),
    ]


@pytest.mark.parametrize("key", UNSETTLED)
def test_what_the_public_record_does_not_settle_is_marked_as_an_assumption(protocol: Protocol, key: str) -> None:
    assert key in {assumption.key for assumption in protocol.assumptions}


def test_every_text_has_words_in_english_and_chinese(protocol: Protocol) -> None:
    texts = list(_words(protocol))
    assert len(texts) > 80
    assert [text for text in texts if not text.en.strip() or not _is_chinese(text.zh)] == []


def test_no_english_text_has_chinese_in_it(protocol: Protocol) -> None:
    assert [text.en for text in _words(protocol) if _is_chinese(text.en)] == []


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 23), False),
        (date(2026, 10, 10), True),
        (date(2026, 10, 7), False),
        (date(2027, 2, 8), False),
        (date(2027, 10, 5), False),
    ],
)
def test_the_calendar_knows_holidays_and_the_weekends_worked_in_exchange(
    protocol: Protocol, day: date, worked: bool
) -> None:
    assert (day in protocol.clocks.extra_working_days) is worked
    assert (day in protocol.clocks.holidays) is not worked


def test_a_released_protocol_file_has_not_changed() -> None:
    recorded = json.loads((protocols.FOLDER / "digests.json").read_text(encoding="utf-8"))
    on_disk: dict[str, dict[str, str]] = {}
    for path in protocols.FOLDER.glob("*.toml"):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if data.get("status") == "draft":
            continue
        version = data["version"]
        on_disk.setdefault(path.stem.split(".")[0], {})[version] = protocols.protocol_digest(path.stem)
    assert on_disk == recorded


def test_the_protocol_is_read_once() -> None:
    assert protocols.load_protocol() is protocols.load_protocol()


def test_a_file_that_is_no_toml_is_a_fault_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("nct_id = ", encoding="utf-8")
    with pytest.raises(ProtocolFault, match=r"broken\.toml: is not TOML"):
        protocols.load_protocol_file(path)


def _at(value: Any, key: str) -> Any:
    for name in key.split("."):
        value = getattr(value, name)
    return value


def _words(value: object) -> Iterator[LocalizedText]:
    if isinstance(value, LocalizedText):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _words(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _words(getattr(value, field.name))


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())
