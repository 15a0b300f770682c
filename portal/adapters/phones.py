"""Phone numbers as the world writes them: E.164, with the study's country as the default."""

import phonenumbers

DEFAULT_REGION = "CN"


class NotAPhone(ValueError):
    """No number that could be rung."""


def to_e164(text: str) -> str:
    """``138 0013 8000`` -> ``+8613800138000``; anything that cannot be a number raises ``NotAPhone``."""
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone from error
    if not phonenumbers.is_possible_number(number):
        raise NotAPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def calling_code(e164: str) -> str:
    """The calling code, for example ``86``."""
    return str(phonenumbers.parse(e164).country_code)


def format_phone(e164: str) -> str:
    """For a page: with the spaces of its own country."""
    return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
