"""How the follow-up itself is doing: completion, silence, answers in time, alert load, both arms watched alike."""

from portal.services.figures.asked import Asked, Behind
from portal.services.figures.behind import KINDS, Rows, rows
from portal.services.figures.completing import ARMS
from portal.services.figures.reading import figures
from portal.services.figures.values import Answering, Figures, Month, Parity, Week

__all__ = [
    "ARMS", "KINDS", "Answering", "Asked", "Behind", "Figures", "Month", "Parity", "Rows", "Week", "figures", "rows",
]  # fmt: skip
