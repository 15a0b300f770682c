"""Accounts of participants, guardians and caregivers: cards, PINs, sign-in, settings."""

from portal.services.accounts.cards import (
    Activation,
    CardUsed,
    activate_account,
    check_card,
    find_card_account,
    get_activation,
    issue_card,
)
from portal.services.accounts.caregivers import (
    COMPANIONS,
    Companion,
    add_companion_account,
    close_participant_accounts,
    revoke_access,
)
from portal.services.accounts.forgotten import VerifiedCode, check_code, request_code, reset_pin
from portal.services.accounts.magic_links import OpenedDay, UsableDayLink, read_day_link, use_day_link
from portal.services.accounts.phone_numbers import change_phone
from portal.services.accounts.remembered_devices import (
    RememberedPhoneToken,
    RememberedPhoneView,
    RememberedSignIn,
    forget_phone,
    list_remembered_phones,
    remember_phone,
    sign_in_remembered_phone,
)
from portal.services.accounts.revoked_sessions import revoke_session
from portal.services.accounts.settings import (
    AccountSettings,
    change_pin,
    confirm_pin,
    get_account_settings,
    reminder_times,
    set_language,
    set_reminders,
    sign_out_everywhere,
)
from portal.services.accounts.signing_in import record_sign_out, sign_in_account
from portal.services.accounts.users import AccountUser, find_user

__all__ = [
    "COMPANIONS",
    "AccountSettings",
    "AccountUser",
    "Activation",
    "CardUsed",
    "Companion",
    "OpenedDay",
    "RememberedPhoneToken",
    "RememberedPhoneView",
    "RememberedSignIn",
    "UsableDayLink",
    "VerifiedCode",
    "activate_account",
    "add_companion_account",
    "change_phone",
    "change_pin",
    "check_card",
    "check_code",
    "close_participant_accounts",
    "confirm_pin",
    "find_card_account",
    "find_user",
    "forget_phone",
    "get_account_settings",
    "get_activation",
    "issue_card",
    "list_remembered_phones",
    "read_day_link",
    "record_sign_out",
    "remember_phone",
    "reminder_times",
    "request_code",
    "reset_pin",
    "revoke_access",
    "revoke_session",
    "set_language",
    "set_reminders",
    "sign_in_account",
    "sign_in_remembered_phone",
    "sign_out_everywhere",
    "use_day_link",
]
