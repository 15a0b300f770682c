"""Virtual participants with courses from published figures, judged by the real rules: what those find."""

from portal.simulation.lines import simulation_lines, sum_lives
from portal.simulation.running import simulate_life

__all__ = ["simulate_life", "simulation_lines", "sum_lives"]
