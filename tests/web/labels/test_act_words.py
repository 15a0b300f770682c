"""Each act that the trail can hold has words, and no words are left over."""

import ast
import re
from pathlib import Path

from flask import Flask
from flask_babel import force_locale

from portal.domain.access import Permission
from portal.domain.infusions.states import InfusionStep
from portal.domain.infusions.visits import VisitStep
from portal.domain.locking import LockKind
from portal.domain.messages.inbound import InboundMeaning
from portal.domain.participation import ParticipationStepKind
from portal.domain.triage import SYSTEM_STEPS, EpisodeStepKind
from portal.web.labels.audit import ACTS, audit_action_label

SERVICES = Path(__file__).parents[3] / "portal" / "services"
CODE = re.compile(r"[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*")
MADE = {  # what the services put together from a table of the domain
    *(f"infusion:{step}" for step in InfusionStep),
    *(f"visit:{step}" for step in VisitStep),
    *(f"participation:{step}" for step in ParticipationStepKind),
    *(f"episode:{verb}" for verb in EpisodeStepKind if verb not in SYSTEM_STEPS),
    *(f"data:{word}{kind}" for kind in LockKind for word in ("", "open-")),
    *(f"texts:{meaning}" for meaning in InboundMeaning if meaning is not InboundMeaning.UNKNOWN),
    *(f"{kind}:sign-out" for kind in ("account", "staff")),
}
WRITTEN_ABOVE = {"staff:confirm"}  # by a page: password and code, asked again


def codes(node: ast.AST) -> set[str]:
    words = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return {word for word in words if CODE.fullmatch(word)}


def written() -> set[str]:
    """Every word of the services that has the form of an act; one that is a permission's, too, only where it acts."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SERVICES.rglob("*.py")]
    acting = {
        code
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "action"
        for code in codes(node.value)
    }
    return acting | set().union(*map(codes, trees)) - {str(permission) for permission in Permission}


def test_every_act_has_words_and_no_words_are_without_an_act() -> None:
    assert set(ACTS) == written() | MADE | WRITTEN_ABOVE


def test_in_chinese_they_are_chinese_and_no_two_read_alike(app: Flask) -> None:
    with app.test_request_context("/"):
        for language in ("en", "zh_Hans_CN"):
            with force_locale(language):
                words = [audit_action_label(code) for code in ACTS]
            assert len(set(words)) == len(words), language
        assert all(re.search("[\u4e00-\u9fff]", word) for word in words)


def test_an_act_of_an_older_release_keeps_its_code() -> None:
    assert audit_action_label("pigeon:send") == "pigeon:send"
