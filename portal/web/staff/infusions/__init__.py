"""Infusions and visits for staff: the plan, one participant's course, each act on an infusion or a visit, the lists."""

from portal.web.staff.infusions import acting, course, giving, lists, moving, planning, visiting
from portal.web.staff.infusions.shared import blueprint

__all__ = ["acting", "blueprint", "course", "giving", "lists", "moving", "planning", "visiting"]
