"""A synthetic trial that shows the portal alive. Everything in it comes out of the portal's own services and rules."""

from portal.services.demo.roster import Holder, Person, roster
from portal.services.demo.team import Hired
from portal.services.demo.trial import Trial, build, counts, is_empty

__all__ = ["Hired", "Holder", "Person", "Trial", "build", "counts", "is_empty", "roster"]
