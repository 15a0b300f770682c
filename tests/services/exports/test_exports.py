"""Data out: the three formats agree with the database value by value, and the past does not change."""

import csv
import json
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from odmlib import odm_parser, schema_manager
from sqlalchemy import select

from portal.adapters import fhir
from portal.adapters.tabular import escape_cell, unescape_cell
from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.exports import ArmDisplay, check_order
from portal.extensions import db, transaction
from portal.models import Base
from portal.models.audit import AuditEvent
from portal.services import assessments, exports, infusions
from portal.services.exports.dictionary import load_domains
from tests.support.every_table import SECRET
from tests.support.exports import LATER, order
from tests.support.people import NOW, PASSWORD, enrol

pytestmark = pytest.mark.usefixtures("core")
ODM = "{http://www.cdisc.org/ns/odm/v1.3}"


def make(tmp_path: Path, **changes: Any) -> zipfile.ZipFile:
    folder = tmp_path / f"export-{len(list(tmp_path.glob('export-*')))}"
    folder.mkdir()
    now = LATER + timedelta(hours=1)
    made = exports.write_export(db.session, order=order(**changes), actor=SYSTEM, folder=folder, now=now)
    db.session.rollback()
    return zipfile.ZipFile(made.path)


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"), newline="")))


def ndjson(archive: zipfile.ZipFile, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"{kind}.ndjson").decode().splitlines()]


def applied(archive: zipfile.ZipFile) -> Mapping[tuple[str, str], dict[str, str]]:
    """The ODM file's transactions, applied in order: (form, key) -> values."""
    forms: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for form in ElementTree.fromstring(archive.read("odm.xml")).iter(f"{ODM}FormData"):
        values = forms[form.get("FormOID", "")[2:], form.get("FormRepeatKey", "")]
        for item in form.iter(f"{ODM}ItemData"):
            name = item.get("ItemOID", "").split(".", 2)[2]
            values[name] = item.get("Value", "")
    return forms


def stored(name: str) -> list[Mapping[str, Any]]:
    return list(db.session.execute(select(Base.metadata.tables[name]).order_by("id")).mappings())


@pytest.mark.usefixtures("trial")
def test_csv_fhir_and_odm_agree_with_the_database_value_by_value(tmp_path: Path) -> None:
    archive = make(tmp_path, identified=True)
    forms = applied(archive)
    compared = 0
    for domain in order(identified=True).of(load_domains()):
        rows = {row["key"]: row for row in table(archive, domain.name)}
        kept = {str(row["id"]): row for row in stored(domain.table)} if domain.name != "message" else {}
        assert rows, f"there is nothing to compare in {domain.name}"
        assert set(rows) == set(kept) or domain.name == "message"
        for key, values in kept.items():
            for column in domain.columns:
                if column.name == "age_at_enrolment":
                    continue
                expected = column.cell(values) or ""
                assert unescape_cell(rows[key][column.name]) == expected, (domain.name, key, column.name)
                assert forms[domain.name, key].get(column.name, "") == expected, (domain.name, key, column.name)
                compared += bool(expected)
    assert compared > 200
    _fhir_agrees(archive)


def _fhir_agrees(archive: zipfile.ZipFile) -> None:
    current = {f"{row['id']}": row for row in stored("diary") if row["superseded_at"] is None}
    responses = ndjson(archive, "QuestionnaireResponse")
    assert {one["identifier"]["value"].split(":")[0] for one in responses} == set(current)
    by_report: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in responses:  # one response a questionnaire: the diary's, and that of the page after an infusion
        items = {item["linkId"]: item for page in one["item"] for item in page["item"]}
        by_report[one["identifier"]["value"].split(":")[0]] |= items
    for key, said in by_report.items():
        row = current[key]
        assert set(said) == {*row["answers"], *(row["free_text"] or {})}
        assert said["temperature-taken"]["answer"][0]["valueBoolean"] == row["answers"]["temperature-taken"]
        if "temperature" in said:
            assert Decimal(str(said["temperature"]["answer"][0]["valueDecimal"])) == Decimal(
                row["answers"]["temperature"]
            )
    told = [one for one in ndjson(archive, "Observation") if "derivedFrom" in one]
    assert {one["derivedFrom"][0]["reference"]: Decimal(str(one["valueQuantity"]["value"])) for one in told} == {
        f"QuestionnaireResponse/diary-{key}-daily-diary": Decimal(row["answers"]["temperature"])
        for key, row in current.items()
        if "temperature" in row["answers"]
    }
    measured = [one for one in ndjson(archive, "Observation") if "valueQuantity" in one and one not in told]
    assert [
        (Decimal(str(one["valueQuantity"]["value"])), one["valueQuantity"]["unit"], one["status"]) for one in measured
    ] == [
        (row["value"].normalize(), row["unit"], "entered-in-error" if row["voided_at"] else "final")
        for row in stored("lab_result")
    ]  # fmt: skip
    (staged,) = (one for one in ndjson(archive, "Observation") if "component" in one)
    parts = {one["code"]["coding"][0]["code"]: one for one in staged["component"]}
    (assessed,) = stored("assessment")
    assert [parts[organ].get("valueInteger") for organ in ("skin", "liver", "upper_gi", "lower_gi")] == [
        assessed["skin"], assessed["liver"], assessed["upper_gi"], assessed["lower_gi"],
    ]  # fmt: skip
    assert parts["at-least"]["valueString"] == assessed["at_least"]


@pytest.mark.usefixtures("trial")
def test_odm_is_valid_against_the_schema_and_knows_what_it_refers_to(tmp_path: Path) -> None:
    archive = make(tmp_path)
    archive.extract("odm.xml", tmp_path)
    path = str(tmp_path / "odm.xml")
    validator = odm_parser.ODMSchemaValidator(schema_manager.get_schema_path("odm", "1.3.2"))
    validator.validate_file(path)
    root = ElementTree.parse(path).getroot()
    assert len(list(root.iter(f"{ODM}AuditRecord"))) > 20
    assert len(list(root.iter(f"{ODM}Signature"))) == 1
    users = {one.get("OID") for one in root.iter(f"{ODM}User")}
    assert {one.get("UserOID") for one in root.iter(f"{ODM}UserRef")} <= users
    defined = {one.get("OID") for one in root.iter(f"{ODM}ItemDef")}
    assert {one.get("ItemOID") for one in root.iter(f"{ODM}ItemData")} <= defined


@pytest.mark.usefixtures("trial")
def test_every_fhir_resource_is_valid(tmp_path: Path) -> None:
    archive = make(tmp_path)
    kinds = ("Patient", "Questionnaire", "QuestionnaireResponse", "Observation", "Provenance")
    found = [resource for kind in kinds for resource in ndjson(archive, kind)]
    assert {resource["resourceType"] for resource in found} == set(kinds)
    for resource in found:
        fhir.validate_resource(resource)


@pytest.mark.usefixtures("trial")
def test_the_same_cut_off_gives_the_same_bytes_whatever_came_after(tmp_path: Path, doctor: Any) -> None:
    actor, _ = doctor
    earlier = make(tmp_path)
    with transaction() as session:
        after = LATER + timedelta(minutes=1)
        made = assessments.enter_result(session, actor=actor, study_number="RJ-001", measure="bilirubin:umol/L",
                                 value=Decimal(20), measured_at=NOW, now=after)  # fmt: skip
        assert made.id
    with transaction() as session:
        assessments.void_result(session, actor=actor, study_number="RJ-001", result_id=2, reason="Late", now=after)
    enrolled = db.session.execute(select(Base.metadata.tables["infusion"].c.id)).scalars().first()
    nurse = Actor("staff", Role.COORDINATOR, actor.id, sites=frozenset({"RJ"}))
    with transaction() as session:
        infusions.hold_infusion(session, actor=nurse, infusion_id=enrolled or 0, reason="Fever", now=after)
    later = make(tmp_path)
    for name in earlier.namelist():
        if name != "manifest.json":
            assert earlier.read(name) == later.read(name), name
    assert (
        json.loads(earlier.read("manifest.json"))["content_sha256"]
        == (json.loads(later.read("manifest.json"))["content_sha256"])
    )


def test_who_was_registered_after_the_cut_off_is_not_there(tmp_path: Path) -> None:
    enrol()
    archive = make(tmp_path, cut_off_at=NOW - timedelta(minutes=1))
    assert table(archive, "participant") == []


@pytest.mark.usefixtures("trial")
@pytest.mark.parametrize("arms", [ArmDisplay.CODED, ArmDisplay.HIDDEN])
def test_a_blind_export_says_nothing_of_arms_and_infusions(tmp_path: Path, arms: ArmDisplay) -> None:
    archive = make(tmp_path, arms=arms)
    assert {"infusion.csv", "audit.csv"} & set(archive.namelist()) == set()
    words = "".join(archive.read(name).decode().lower() for name in archive.namelist() if name != "manifest.json")
    assert [word for word in ('imsc"', ",imsc", ",control", "infusion") if word in words] == []
    letters = {row.get("arm") for row in table(archive, "participant")}
    assert letters == ({"A", "B"} if arms is ArmDisplay.CODED else {None})


@pytest.mark.usefixtures("trial")
def test_a_pseudonymous_export_names_nobody(tmp_path: Path) -> None:
    archive = make(tmp_path)
    words = "".join(archive.read(name).decode() for name in archive.namelist())
    assert [word for word in ("王小明", "1992", "1380013", "a name", "ticked", "Dr Lu", SECRET) if word in words] == []


@pytest.mark.usefixtures("trial")
def test_free_text_never_becomes_a_formula(tmp_path: Path) -> None:
    archive = make(tmp_path, identified=True, bom=True)
    assert archive.read("diary.csv").startswith(b"\xef\xbb\xbf")
    assert table(archive, "diary")[0]["note"] == "'=1+1 and a name"


@pytest.mark.parametrize("text", ["=A1", "+1", "-1", "@x", "\tx", "\rx", "plain", "'quoted", ""])
def test_what_was_made_safe_can_be_read_back(text: str) -> None:
    assert unescape_cell(escape_cell(text)) == text


@pytest.mark.usefixtures("trial")
def test_the_manifest_counts_and_digests_every_file(tmp_path: Path) -> None:
    import hashlib

    archive = make(tmp_path)
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["participants"] == 2
    assert {one["name"] for one in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
    for one in manifest["files"]:
        assert hashlib.sha256(archive.read(one["name"])).hexdigest() == one["sha256"]
    rows = {one["name"]: one["rows"] for one in manifest["files"]}
    assert (rows["diary.csv"], rows["lab.csv"], rows["Patient.ndjson"]) == (2, 2, 2)


@pytest.mark.parametrize(
    ("role", "changes", "refused"),
    [
        (Role.DATA_MANAGER, {}, False),
        (Role.DATA_MANAGER, {"identified": True}, True),
        (Role.INVESTIGATOR, {"identified": True}, False),
        (Role.INVESTIGATOR, {"sites": ("RJ", "XX")}, True),
        (Role.STATISTICIAN, {"arms": ArmDisplay.HIDDEN}, True),
        (Role.COORDINATOR, {"arms": ArmDisplay.HIDDEN}, True),
        (Role.MONITOR, {"arms": ArmDisplay.HIDDEN}, True),
        (Role.ADMINISTRATOR, {"arms": ArmDisplay.HIDDEN}, True),
    ],
)
def test_who_may_have_what(role: Role, changes: dict[str, Any], refused: bool) -> None:
    actor = Actor("staff", role, 1, sites=frozenset({"RJ"}))
    now = LATER + timedelta(hours=1)
    if refused:
        with pytest.raises(NotAllowed):
            check_order(order(**changes), actor=actor, now=now)
    else:
        check_order(order(**changes), actor=actor, now=now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"why": " "}, "why"), ({"why": "x" * 501}, "why"), ({"formats": ()}, "formats"), ({"sites": ()}, "sites"),
     ({"cut_off_at": LATER + timedelta(minutes=56)}, "cut_off")],
)  # fmt: skip
def test_an_order_that_lacks_something_is_refused_at_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_order(order(**changes), actor=SYSTEM, now=LATER + timedelta(hours=1))
    assert set(refused.value.problems) == {field}


def test_asking_is_in_the_trail_before_anything_is_read(doctor: Any) -> None:
    actor, codes = doctor
    ready = replace(order(), cut_off_at=NOW - timedelta(hours=1))
    with transaction() as session:
        assert not exports.confirm_export(session, actor=actor, order=ready, password="wrong", code="000000", now=NOW)
    with transaction() as session:
        assert exports.confirm_export(session, actor=actor, order=ready, password=PASSWORD, code=codes.at(NOW), now=NOW)
    actions = list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))
    assert actions[-3:] == ["signature:refused", "export:confirm", "export:make"]


# What an export does not hold: the ways in, the machine's own rows, and what the trail's file says instead.
LEFT_OUT = frozenset(("account", "access_card", "participant_key", "audit_event", "audit_change", "allocation"))


def test_no_table_about_participants_is_forgotten() -> None:
    about = {name for name, one in Base.metadata.tables.items() if "participant_id" in one.columns}
    assert about - {domain.table for domain in load_domains()} - LEFT_OUT == set()
