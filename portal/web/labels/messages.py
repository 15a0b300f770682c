"""Messages in words: kinds, states, reasons."""

from typing import Final

from flask_babel import lazy_gettext as _l

KINDS: Final = {
    "diary-reminder": _l("Diary reminder"),
    "infusion-evening": _l("Infusion reminder, the evening before"),
    "infusion-morning": _l("Infusion reminder, that morning"),
    "diary-nudge": _l("Second reminder of the diary"),
    "staff-alert": _l("Alert to staff"),
    "staff-email": _l("Alert to staff, by e-mail"),
    "staff-invitation": _l("Invitation to staff, by e-mail"),
    "sign-in-code": _l("Code to sign in"),
    "withdrawal": _l("Goodbye after leaving"),
    "reply-help": _l("Answer to a request for help"),
    "reply-unread": _l("Answer that nobody reads replies"),
    "reply-stopped": _l("Answer to a stop"),
    "reply-started": _l("Answer to a start"),
}


STATES: Final = {
    "planned": _l("Planned"),
    "claimed": _l("Being sent"),
    "sent": _l("Sent"),
    "delivered": _l("Delivered"),
    "failed": _l("Failed"),
    "suppressed": _l("Not sent"),
    "expired": _l("Too late, not sent"),
}


REASONS: Final = {
    "texts-off": _l("reminders are switched off"),
    "status": _l("not active in the study"),
    "no-phone": _l("no phone number"),
    "red-taken-back": _l("red answer taken back by the participant"),
    "date-changed": _l("the date was changed"),
    "replanned": _l("planned anew"),
    "diary-sent": _l("the diary was already there"),
    "on-ward": _l("in hospital, where the ward keeps the diary"),
    "inactive": _l("the account is not active"),
    "cap": _l("enough texts that day"),
    "window-passed": _l("the time for it had passed"),
    "not-a-mobile": _l("the number cannot receive texts"),
    "opted-out": _l("this phone has refused texts"),
    "region-blocked": _l("texts to this country are not allowed"),
    "unreachable": _l("the phone could not be reached"),
    "carrier-refused": _l("the phone company refused it"),
    "provider-refused": _l("the sending service refused it"),
    "no-answer": _l("the sending service never said whether it went"),
    "provider-busy": _l("the sending service was busy; tried again later"),
    "no-receipt": _l("no receipt within 72 hours"),
    "internal": _l("it could not be read; put off for an hour"),
}


SWITCHED_BY: Final = {
    "portal": _l("in the portal"),
    "text": _l("by text"),
    "staff": _l("by staff, on the phone"),
    "provider": _l("by the phone company"),
}
