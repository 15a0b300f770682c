"""A synthetic trial that shows the portal alive. Everything in it comes out of the portal's own services and rules."""

from portal.demo.roster import CardHolderAccount, DemoParticipant, build_roster
from portal.demo.team import DemoStaff
from portal.demo.trial import DemoTrial, build_trial, count_trial, is_empty

__all__ = [
    "CardHolderAccount",
    "DemoParticipant",
    "DemoStaff",
    "DemoTrial",
    "build_roster",
    "build_trial",
    "count_trial",
    "is_empty",
]
