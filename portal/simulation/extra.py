"""What virtual participants answer from version 2 of the diary on: a weight that changes, shaking chills, pale stools.

Chance comes from a stream of its own, so that a course is the same with and without them.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from portal.domain.alert_rules import asks_weight
from portal.domain.protocol import Protocol
from portal.domain.reports import Report
from portal.simulation.answering import DaySigns, day_signs
from portal.simulation.courses import SimulatedParticipant
from portal.simulation.published import published_value, published_values

TRANSPLANT_ON: Final = date(2026, 1, 1)
TENTH: Final = Decimal("0.1")
LEAST_LEFT: Final = 0.6


class ExtraAnswers:
    """Adds them to the answers of one participant's days."""

    def __init__(
        self, person: SimulatedParticipant, protocol: Protocol, course: str, *, weights: bool, new_signs: bool
    ) -> None:
        self.person, self.protocol = person, protocol
        self.weights, self.new_signs = weights, new_signs
        self._throw = Random(f"{course}:extra")  # noqa: S311 - an invented course, not a secret
        self._shares = self._weight_course() if weights else {}

    def added(
        self, day: int, found: DaySigns, answers: dict[str, Any], history: Sequence[Report] = ()
    ) -> dict[str, Any]:
        """The day's answers with those that are switched on."""
        with_signs = {**answers, **self._signs(found, answers)} if self.new_signs else answers
        on = TRANSPLANT_ON + timedelta(days=day)
        asked = on.isoweekday() == self.protocol.diary.weight_weekday or asks_weight(
            history, on, self.protocol.thresholds
        )
        if not self.weights or not asked:
            return with_signs
        noise = self._throw.gauss(0, published_value("weight-noise"))
        kilograms = float(self.person.weight_kg) * self._shares[day] + noise
        return {**with_signs, "weight": Decimal(repr(kilograms)).quantize(TENTH)}

    def _signs(self, found: DaySigns, answers: dict[str, Any]) -> dict[str, Any]:
        chills = found.fever and self._throw.random() < published_value("shaking-chills")
        pale = found.bilirubin >= 3.1 and self._throw.random() < published_value("pale-stools")
        noticed = tuple(code for code in answers["liver-signs"] if code != "none")
        return {
            **({"warning-signs": ("shaking-chills",)} if chills else {}),
            **({"liver-signs": (*noticed, "pale-stools")} if pale else {}),
        }

    def _weight_course(self) -> dict[int, float]:
        """The share of the first weight on each day: lost while somebody eats little or is ill, and regained."""
        fast, slow, regained = published_values("weight-change")
        gain_from, gained = self._fluid()
        share, shares = 1.0, {}
        for day in range(self.person.enrolled_day, self.protocol.diary.last_study_day + 1):
            ill = day_signs(self.person, day, (*self.person.illnesses, *self.person.other))
            if ill.stool > 0 or ill.nausea > 1:
                share -= fast
            elif ill.appetite > 1:
                share -= slow
            else:
                share = min(1.0, share + regained)
            share = max(share, LEAST_LEFT)
            fluid = gained * max(0.0, min(1.0, (day - gain_from) / 5)) if day < gain_from + 14 else 0.0
            shares[day] = share + fluid
        return shares

    def _fluid(self) -> tuple[int, float]:
        """Fluid that is kept: from which day, and how much of the weight; most keep none."""
        chance, low, high = published_values("fluid-gain")
        if self._throw.random() >= chance:
            return 0, 0.0
        return self._throw.randint(self.person.enrolled_day, 40), self._throw.uniform(low, high)
