"""Infusions and visits for staff: plan, one participant's calendar, actions on infusions and visits, lists."""

from portal.web.staff.infusions import acting, course, giving, lists, moving, planning, visiting
from portal.web.staff.infusions.shared import blueprint

__all__ = ["acting", "blueprint", "course", "giving", "lists", "moving", "planning", "visiting"]
