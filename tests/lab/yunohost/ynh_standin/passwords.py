"""The password rules: a list of common ones first, then length and kinds of characters."""

from __future__ import annotations

import string

from .errors import Refused

# The real list has 100 000 entries and a password is refused when it is *part*
# of one of them, which is why "weak" is "listed". A handful is enough here.
_COMMON = (
    "password",
    "password1",
    "password123",
    "passw0rd",
    "12345678",
    "123456789",
    "1234567890",
    "qwertyuiop",
    "azertyuiop",
    "football",
    "baseball",
    "princess",
    "sunshine",
    "superman",
    "iloveyou",
    "trustno1",
    "starwars",
    "whatever",
    "dragonball",
    "weakness",
    "letmein1",
    "welcome1",
    "motdepasse",
    "changeme",
    "administrator",
    "chocolate",
    "computer",
    "internet",
    "qwerty123",
    "azerty123",
    "abcd1234",
    "11111111",
    "00000000",
)
_COMMON_EXACT = ("yunohost", "olinuxino", "olinux", "raspberry", "admin", "root", "test", "rpi")

# Length, then how many digits, lower-case, upper-case and other characters.
_LEVELS = ((8, 0, 0, 0, 0), (8, 1, 1, 1, 0), (8, 1, 1, 1, 1), (12, 1, 1, 1, 1))
_TOO_SIMPLE = {
    1: "The password needs to be at least 8 characters long",
    2: "The password needs to be at least 8 characters long and contain a digit, upper and lower characters",
    3: "The password needs to be at least 8 characters long"
    " and contain a digit, upper, lower and special characters",
    4: "The password needs to be at least 12 characters long"
    " and contain a digit, upper, lower and special characters",
}


def check(password: str, wanted_level: int) -> None:
    """Refuse a password that is too long, too common or below `wanted_level` (-1: anything goes)."""
    if len(password) >= 127:
        raise Refused("Please choose a password shorter than 127 characters")
    if wanted_level < 0:
        return
    if password in _COMMON_EXACT or any(password in common for common in _COMMON):
        raise Refused(
            "This password is among the most used passwords in the world."
            " Please choose something more unique."
        )
    if _level(password) < wanted_level:
        raise Refused(_TOO_SIMPLE[wanted_level])


def _level(password: str) -> int:
    digits = sum(c in string.digits for c in password)
    lowers = sum(c in string.ascii_lowercase for c in password)
    uppers = sum(c in string.ascii_uppercase for c in password)
    measured = (len(password), digits, lowers, uppers, len(password) - digits - lowers - uppers)
    level = 0
    for needed in _LEVELS:
        if any(have < need for have, need in zip(measured, needed)):
            break
        level += 1
    return level
