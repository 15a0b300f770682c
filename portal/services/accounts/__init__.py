"""Accounts of participants, guardians and caregivers: cards, PINs, sign-in, settings."""

from portal.services.accounts.cards import Activation, CardUsed, activate, card_of, check_card, issue_card, opened_card
from portal.services.accounts.caregivers import COMPANIONS, Companion, close_all, invite, revoke_access
from portal.services.accounts.forgotten import Verified, check_code, request_code, reset_pin
from portal.services.accounts.magic_links import OpenDay, Opened, day_link, open_day
from portal.services.accounts.phone_numbers import change_phone
from portal.services.accounts.remembered_devices import (
    CameBack,
    PhoneSeen,
    Remembered,
    come_back,
    forget_phone,
    phones_of,
    remember_phone,
)
from portal.services.accounts.revoked_sessions import end_cookie
from portal.services.accounts.settings import (
    Settings,
    change_pin,
    confirm_pin,
    reminder_times,
    set_language,
    set_reminders,
    settings,
    sign_out_everywhere,
)
from portal.services.accounts.signing_in import record_sign_out, sign_in_account
from portal.services.accounts.users import AccountUser, find_user

__all__ = [
    "COMPANIONS",
    "AccountUser",
    "Activation",
    "CameBack",
    "CardUsed",
    "Companion",
    "OpenDay",
    "Opened",
    "PhoneSeen",
    "Remembered",
    "Settings",
    "Verified",
    "activate",
    "card_of",
    "change_phone",
    "change_pin",
    "check_card",
    "check_code",
    "close_all",
    "come_back",
    "confirm_pin",
    "day_link",
    "end_cookie",
    "find_user",
    "forget_phone",
    "invite",
    "issue_card",
    "open_day",
    "opened_card",
    "phones_of",
    "record_sign_out",
    "remember_phone",
    "reminder_times",
    "request_code",
    "reset_pin",
    "revoke_access",
    "set_language",
    "set_reminders",
    "settings",
    "sign_in_account",
    "sign_out_everywhere",
]
