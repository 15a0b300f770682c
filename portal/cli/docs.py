"""``docs``: write the documents generated from the code into ``docs/``, or check that they are up to date."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import click

from portal.cli import alert_rules
from portal.cli import roles as role_table
from portal.domain import infusions, messages, participation, triage
from portal.domain.access import Role

STATES: Final = Path(__file__).parents[2] / "docs" / "states.md"
ALERT_RULES: Final = STATES.with_name("alert-rules.md")
OPENING: Final = """# States

Drawn from the tables in `portal/domain` by `flask --app app docs states`; a test holds this file against them. Change
the table, not the picture.
"""
TRIAGE: Final = """An episode begins as **new**, when a report raises a flag and no episode of that organ is open. What
stands in *italics* is a report's doing: `worsen` when it alerts again (a higher severity, a higher provisional stage, a
rule new to the episode), `recur` when it comes within the protocol's days after closing. A report that is not worse
joins and moves nothing."""
INFUSIONS: Final = "An infusion begins as **planned**. One that was moved is planned again; its first date is kept."
VISITS: Final = (
    "A visit begins as **planned**. It is cancelled when its person leaves, and planned again when they are back."
)
PARTICIPATION: Final = """A participation begins as **active**, which alone has automatic contact. Who may take a step
stands in brackets: *team* is coordinators and investigators, *own* the participant or a guardian, *clock* the day on
which a pause ends. In every state but active and paused the accounts are closed; what leads back to active opens them
again."""
WHO: Final = (
    ("team", participation.TEAM),
    ("own", participation.OWN),
    ("clock", participation.CLOCK),
)
MESSAGES: Final = """A text begins as **planned**. A provider's receipt proves that it has the text, whatever we
believed, and may come late, twice and out of order. **sent** is final where no receipt came within 72 hours."""


@click.group("docs")
def group() -> None:
    """Documents that are drawn from the code."""


CHECK: Final = click.option("--check", is_flag=True, help="Write nothing; fail when the file has drifted.")


@group.command("states")
@CHECK
def states(check: bool) -> None:
    """Write docs/states.md, or say whether it is up to date."""
    _write(STATES, draw_states(), "states", check=check)


@group.command("alert-rules")
@CHECK
def rules(check: bool) -> None:
    """Write docs/alert-rules.md, or say whether it is up to date."""
    _write(ALERT_RULES, alert_rules.draw_document(), "alert-rules", check=check)


@group.command("roles")
@CHECK
def roles(check: bool) -> None:
    """Write docs/roles.md, or say whether it is up to date."""
    _write(role_table.FILE, role_table.draw_roles(), "roles", check=check)


def _write(file: Path, drawn: str, command: str, *, check: bool) -> None:
    if not check:
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawn, encoding="utf-8")
        click.echo(f"wrote {file.name}")
    elif not file.exists() or file.read_text(encoding="utf-8") != drawn:
        raise click.ClickException(f"docs/{file.name} is out of date: run flask --app app docs {command}")


def draw_states() -> str:
    """The whole document."""
    episode = {(str(state), _verb(verb)): str(to) for (state, verb), to in triage.TRANSITIONS.items()}
    infusion = {(str(state), f"`{step}`"): str(to) for (state, step), to in infusions.TRANSITIONS.items()}
    visit = {(str(state), f"`{step}`"): str(to) for (state, step), to in infusions.VISIT_TRANSITIONS.items()}
    text = {str(state): sorted(map(str, after)) for state, after in messages.TRANSITIONS.items()}
    return "\n".join(
        [
            OPENING,
            *_section("Episodes", TRIAGE, "domain/triage.py", _grid(episode)),
            "Outcomes of closing: " + ", ".join(f"`{outcome}`" for outcome in triage.EpisodeOutcome) + ".\n",
            *_section("Infusions", INFUSIONS, "domain/infusions", _grid(infusion)),
            *_section("Visits", VISITS, "domain/infusions/visits.py", _grid(visit)),
            *_section("Participation", PARTICIPATION, "domain/participation.py", _participation()),
            *_section("Messages", MESSAGES, "domain/messages", _reachable(text)),
        ]
    )


def _participation() -> Iterable[str]:
    table = {
        (str(state), f"`{step}`"): f"{change.to} ({_who(change.by)})"
        for (state, step), change in participation.TRANSITIONS.items()
    }
    return _grid(table, participation.ParticipationStatus)


def _who(roles: frozenset[Role]) -> str:
    """``team``, ``team, own``; roles that are no whole group stand by their name."""
    groups = [(name, group) for name, group in WHO if group <= roles]
    rest = roles.difference(*(group for _, group in groups))
    return ", ".join([*(name for name, _ in groups), *sorted(map(str, rest))])


def _verb(verb: triage.EpisodeStepKind) -> str:
    return f"*{verb}*" if verb in triage.SYSTEM_STEPS else f"`{verb}`"


def _section(title: str, words: str, source: str, table: Iterable[str]) -> Iterable[str]:
    return (f"## {title}\n", f"`portal/{source}`. {words}\n", *table, "")


def _grid(transitions: Mapping[tuple[str, str], str], known: Iterable[str] = ()) -> Iterable[str]:
    """A row a state, a column a verb, and in the cell where it leads."""
    verbs = tuple(dict.fromkeys(verb for _, verb in transitions))
    states = tuple(known) or tuple(dict.fromkeys([*(state for state, _ in transitions), *transitions.values()]))
    yield _row("", *verbs)
    yield _row(*["---"] * (len(verbs) + 1))
    for state in states:
        yield _row(f"**{state}**", *(transitions.get((state, verb), "") for verb in verbs))


def _reachable(transitions: Mapping[str, Iterable[str]]) -> Iterable[str]:
    yield _row("", "may become")
    yield _row("---", "---")
    for state, after in transitions.items():
        yield _row(f"**{state}**", ", ".join(after) or "(final)")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
