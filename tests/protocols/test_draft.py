"""The draft of protocol 2.0: sound, marked, beside the one in force, and never run unless somebody says so."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal

import pytest

from portal import protocols, questionnaires
from portal.domain.errors import NotFound
from portal.domain.protocol import Protocol
from portal.domain.protocol_file import ProtocolFault

DRAFT = "2.0"


@pytest.fixture
def draft() -> Protocol:
    return protocols.load_draft(DRAFT)


@pytest.fixture
def running() -> Iterator[None]:
    protocols.run_draft(DRAFT)
    yield
    protocols.run_draft(None)


def test_the_draft_is_marked_and_has_no_digest(draft: Protocol) -> None:
    recorded = json.loads((protocols.FOLDER / "digests.json").read_text(encoding="utf-8"))
    assert protocols.list_drafts() == (DRAFT,)
    assert draft.status == "draft"
    assert DRAFT not in recorded["nct06949267"]


def test_it_differs_from_the_protocol_in_force_only_where_it_is_meant_to(draft: Protocol) -> None:
    in_force = protocols.load_protocol()
    assert in_force.status == "released"
    same = replace(
        draft,
        version=in_force.version,
        released_on=in_force.released_on,
        status=in_force.status,
        thresholds=in_force.thresholds,
        assumptions=in_force.assumptions,
        diary=replace(
            draft.diary,
            questionnaire=in_force.diary.questionnaire,
            post_infusion_questionnaire=in_force.diary.post_infusion_questionnaire,
        ),
    )
    assert same == in_force
    assert draft.assumptions[: len(in_force.assumptions)] != draft.assumptions
    assert set(in_force.assumptions) < set(draft.assumptions)


def test_every_number_of_the_old_rules_stands(draft: Protocol) -> None:
    new = protocols.load_protocol().thresholds
    changed = {
        each.name: (getattr(new, each.name), getattr(draft.thresholds, each.name))
        for each in fields(new)
        if getattr(new, each.name) != getattr(draft.thresholds, each.name)
    }
    assert changed == {
        "appetite_baseline_reports": (0, 3),
        "appetite_baseline_look_days": (0, 7),
        "running_reflag_days": (1, 7),
        "rash_assessed_growth_points": (0, Decimal(10)),
        "assessment_free_days": (0, 3),
        "weight_change_percent": (0, Decimal(5)),
        "weight_loss_percent": (0, Decimal(2)),
        "stool_onset_clear_days": (1, 3),
        "liver_signs_apart": (False, True),
        "jaundice_settles_below_mg_dl": (0, Decimal(2)),
        "jaundice_free_days": (0, 3),
        "jaundice_settled_days": (0, 7),
        "bilirubin_amber_stage": (0, 1),
        "bilirubin_red_stage": (0, 2),
        "bilirubin_red_rise": (0, 1),
        "reaction_red_grade": (0, 3),
        "after_infusion_by_day": (False, True),
        "after_planned_infusion": (False, True),
    }


@pytest.mark.usefixtures("running")
def test_a_process_that_runs_it_asks_version_2_and_still_reads_version_1() -> None:
    assert protocols.load_protocol().version == DRAFT
    assert questionnaires.load_diary(post_infusion=True, weight=True).sources == (
        "daily-diary.v2",
        "post-infusion-check.v2",
    )
    assert questionnaires.load_source("daily-diary.v1").version == 1
    assert ("daily-diary", 2) in questionnaires.list_known()
    assert ("daily-diary", 2) not in questionnaires.list_released()


@pytest.mark.usefixtures("running")
def test_what_is_running_as_a_draft_is_not_taken_for_released() -> None:
    with pytest.raises(ProtocolFault, match="is a draft and not released"):
        protocols.check_released()


def test_nobody_else_knows_version_2() -> None:
    protocols.check_released()
    assert questionnaires.list_known() == questionnaires.list_released()
    with pytest.raises(NotFound):
        questionnaires.load_source("daily-diary.v2")


@pytest.mark.parametrize("version", ["1.0", "1.1", "3.0", "../../2.0"])
def test_only_a_draft_can_be_run_as_one(version: str) -> None:
    with pytest.raises(ProtocolFault, match="is not a draft"):
        protocols.run_draft(version)
    assert protocols.load_protocol().version == "1.1"
