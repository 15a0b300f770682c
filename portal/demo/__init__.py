"""A synthetic trial that shows the portal alive. Everything in it comes out of the portal's own services and rules."""

from portal.demo.roster import Holder, Person, roster
from portal.demo.team import Hired
from portal.demo.trial import Trial, build, counts, is_empty

__all__ = ["Hired", "Holder", "Person", "Trial", "build", "counts", "is_empty", "roster"]
