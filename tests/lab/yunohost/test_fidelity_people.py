#!/usr/bin/env python3
"""The same as `test_fidelity.py`, for accounts, groups, permissions and SSH keys.

The recordings whose number begins with `p` come from a second host of the same
version, with one application; those from p80 on from one that has no catalog
of applications and no way to one.
"""

from __future__ import annotations

import random
import sys
import unittest
from pathlib import Path
from typing import List, Tuple

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from disguise import Disguise  # noqa: E402 (needs the two lines above)
from harness import Json  # noqa: E402
from test_fidelity import ADMIN, ALICE, APPS, DOMAINS, SEED, Comparison, app  # noqa: E402

HOUSE_ADMIN: Json = {**ADMIN, "mail": "adminone@maison.test", "authorized_keys": ""}
LABAPP: Json = {**app("labapp", "labapp", "Lab App", "/lab", ["all_users"]), "domain": "maison.test"}
HOUSE: Json = {"users": [HOUSE_ADMIN], "domains": ["maison.test"], "apps": [LABAPP]}


class People(Comparison):
    def disguises(self) -> List[Tuple[str, Disguise]]:
        """Names of people that groups and full names may have too: these recordings use them for both."""
        draw = 0
        while True:
            disguise = Disguise.random(random.Random(f"{SEED} {draw}"))
            if (disguise.text("alice") + disguise.text("carol")).isalnum():
                return [("as recorded", Disguise.none()), (f"seed {SEED}, draw {draw}", disguise)]
            draw += 1

    def test_a_house_from_its_first_account_to_the_loss_of_its_last_administrator(self) -> None:
        groups = "p01 p02 p03 p04 p05 p06 p07 p08 p09 p10 p11 p12"
        aliases = "p13 p14 p15 p16 p17 p18 p19 p20 p21 p22 p23 p24"
        permissions = "p30 p31 p32 p33 p34 p35 p36 p37 p38 p39 p40 p41 p42 p43 p44 p45 p46"
        deletions = "p47 p48 p49 p50"
        keys = "p51 p52 p53 p54 p55 p56 p57 p58 p59"
        edits = "p60 p61 p62 p63 p64 p65 p66 p67 p68 p69 p70"
        names = "p72 p73 p74 p75 p76"
        self.compare(HOUSE, f"{groups} {aliases} {permissions} {deletions} {keys} {edits} {names} p78 p79")

    def test_everything_of_every_account(self) -> None:
        alice = {
            "username": "alice",
            "fullname": "Alice Again",
            "mail": "alias@maison.test",
            "mail_forward": ["carol@second.test"],
        }
        bob, video = {"username": "bob", "fullname": "carol"}, {"username": "video", "fullname": "Bob B"}
        self.compare({**HOUSE, "users": [HOUSE_ADMIN, alice, bob, video]}, "p77")

    def test_without_a_catalog_it_fails_after_the_change(self) -> None:
        alice = {**ALICE, "fullname": "Alice Liddell", "mail": "alice@maison.test"}
        seed = {**HOUSE, "users": [HOUSE_ADMIN, alice], "no_catalog": True}
        self.compare(seed, "p80 p81 p82 p83 p84 p85 p86 p87 p88 p89")

    def test_a_label_and_the_first_keys(self) -> None:
        seed = {"users": [ADMIN, ALICE], "domains": DOMAINS, "main_domain": "ynh1.test", "apps": APPS}
        self.compare(seed, "112 118 119 120")


if __name__ == "__main__":
    print(f"names drawn with BEFFROI_TEST_SEED={SEED}", file=sys.stderr)
    unittest.main()
