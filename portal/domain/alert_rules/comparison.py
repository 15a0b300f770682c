"""The condition of an alert rule as data: the server evaluates it and a phone without a network receives it."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from portal.domain.protocol import Thresholds
from portal.domain.reports import GATES, Answers, answer_decimal, answer_number, chosen_codes, rash_percent

Operator = Literal["=", "has", ">=", ">", "<"]
ORDERINGS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {">=": operator.ge, ">": operator.gt, "<": operator.lt}
RASH_PERCENT: Final = "rash-percent"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One answer compared with one value; an answer that was not given meets nothing.

    ``on`` is a linkId, or ``rash-percent``: the rash in per cent of the body. ``=`` and ``has`` (a choice was ticked)
    compare with a code or a truth value; the others with the threshold of the protocol file that ``value`` names, or
    with a number. ``after_infusion``: a phone uses it only where the post-infusion page was answered.
    """

    on: str
    operator: Operator
    value: bool | str | int
    after_infusion: bool = False

    @property
    def threshold(self) -> str | None:
        """The name of the threshold that it compares with."""
        return self.value if self.operator in ORDERINGS and isinstance(self.value, str) else None

    def resolve_value(self, thresholds: Thresholds) -> Any:
        """The value that it compares with."""
        name = self.threshold
        return self.value if name is None else getattr(thresholds, name)

    def is_met(self, answers: Answers, *, age: int, thresholds: Thresholds) -> bool:
        """Whether these answers meet it."""
        if self.operator == "has":
            return self.value in chosen_codes(answers, self.on)
        if self.operator == "=":
            given = answers.get(self.on)
            return isinstance(given, type(self.value)) and given == self.value
        measured = self._measured(answers, age)
        return measured is not None and ORDERINGS[self.operator](measured, self.resolve_value(thresholds))

    def _measured(self, answers: Answers, age: int) -> Decimal | int | None:
        if self.on == RASH_PERCENT:
            return rash_percent(answers, age=age)
        return answer_number(answers, self.on) if self.on in GATES else answer_decimal(answers, self.on)
