"""How the follow-up itself is doing: completion, silence, answers in time, alert load, both arms watched alike."""

from portal.services.figures.completion_rates import ARMS
from portal.services.figures.drilldown import KINDS, Rows, rows
from portal.services.figures.filters import Asked, Behind
from portal.services.figures.metrics import figures
from portal.services.figures.values import Answering, Figures, Month, Parity, Week

__all__ = [
    "ARMS", "KINDS", "Answering", "Asked", "Behind", "Figures", "Month", "Parity", "Rows", "Week", "figures", "rows",
]  # fmt: skip
