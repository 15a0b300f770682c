"""Virtual participants with courses from published figures, judged by the real rules: what those find."""

from portal.simulation.lines import lines, total
from portal.simulation.running import live

__all__ = ["lines", "live", "total"]
