"""Whoever signs in: participants, guardians, staff. Cards, PINs, passwords, and what people set for themselves."""

from portal.services.accounts.cards import Activation, CardUsed, activate, check_card, issue_card, opened_card
from portal.services.accounts.confirming import confirm_staff
from portal.services.accounts.settings import (
    Settings,
    change_pin,
    reminder_times,
    set_language,
    set_reminders,
    settings,
    sign_out_everywhere,
)
from portal.services.accounts.signing_in import record_sign_out, sign_in_account, sign_in_staff
from portal.services.accounts.staff import NewStaff, create_staff
from portal.services.accounts.users import AccountUser, StaffUser, find_user

__all__ = [
    "AccountUser",
    "Activation",
    "CardUsed",
    "NewStaff",
    "Settings",
    "StaffUser",
    "activate",
    "change_pin",
    "check_card",
    "confirm_staff",
    "create_staff",
    "find_user",
    "issue_card",
    "opened_card",
    "record_sign_out",
    "reminder_times",
    "set_language",
    "set_reminders",
    "settings",
    "sign_in_account",
    "sign_in_staff",
    "sign_out_everywhere",
]
