"""The words of `lab full …`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, List

import labfaults
from labfull import PLANS, FullLab, impossible
from labguests import IMAGES, LAYERS, image, layer
from labtemplate import template


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `full` and what follows it."""
    full = commands.add_parser(
        "full", help="containers: systemd, sudo, passwords, BusyBox, hosts behind hosts (root)"
    )
    verbs = full.add_subparsers(dest="verb", required=True)

    def verb(name: str, told: str) -> argparse.ArgumentParser:
        parser = verbs.add_parser(name, help=told)
        parser.add_argument(
            "--dir", default=_default_folder(), help="the lab's folder (default: %(default)s)"
        )
        return parser

    up = verb("up", "create and start hosts, and those on the way to them")
    up.add_argument("hosts", nargs="*", metavar="HOST", help=f"of {', '.join(PLANS)}; none: all")
    up.add_argument(
        "--trace", action="store_true", help="write down every program started on a host, DIR/trace"
    )
    status = verb("status", "say what runs")
    for parser in (up, status):
        parser.add_argument("--json", action="store_true", help="print the hosts as JSON")
    verb("down", "stop the hosts and remove the folder")
    verb("possible", "print why containers cannot run here; nothing when they can")
    ground = verb(
        "template", "make the template that Debian hosts are laid over, when it is not there; print where"
    )
    ground.add_argument(
        "--guests", action="store_true", help="and what the hosts with guests need, and all images of guests"
    )
    images = verb("images", "make images of guests, those that are not there; print the files as JSON")
    images.add_argument("images", nargs="*", metavar="IMAGE", help=f"of {', '.join(IMAGES)}; none: all")
    for name, told in (
        ("reboot", "boot it again"),
        ("stop", "pull its plug"),
        ("start", "start it after that"),
        ("sshd", "restart its SSH server"),
        ("rekey", "give it other host keys"),
    ):
        verb(name, told).add_argument("host", metavar="HOST")
    for name, told in (
        ("fill", "leave no room in a folder"),
        ("readonly", "let nobody write to a folder"),
        ("heal", "undo both"),
    ):
        parser = verb(name, told)
        parser.add_argument("host", metavar="HOST")
        parser.add_argument("path", metavar="PATH", nargs="?", default="/srv", help="(default: %(default)s)")
    execute = verb("exec", "run a program on a host as root, past its SSH server: exec HOST -- PROGRAM…")
    execute.add_argument("host", metavar="HOST")
    execute.add_argument("words", nargs="+", metavar="PROGRAM")


def main(options: argparse.Namespace) -> int:
    lab = FullLab(Path(options.dir).expanduser().resolve())
    if options.verb == "possible":
        print(impossible() or "", end="")
        return 0
    if options.verb == "template":
        print(template().debian)
        if options.guests:
            for driver in LAYERS:
                layer(driver)
            for name in IMAGES:
                image(name)
        return 0
    if options.verb == "images":
        files = [file for name in options.images or IMAGES for file in image(name).items()]
        print(json.dumps({name: str(path) for name, path in files}, indent=2))
        return 0
    if options.verb == "up":
        lab.up(options.hosts, options.trace)
    if options.verb in ("up", "status"):
        _show(lab.describe(), options.json)
        return 0
    if options.verb == "down":
        lab.down()
        return 0
    host = lab.host(options.host)
    if options.verb == "exec":
        return subprocess.run(host.command(options.words), check=False).returncode
    if options.verb == "start":
        host.start()
        host.wait_ready()
    elif options.verb == "sshd":
        host.restart_sshd()
    elif options.verb == "fill":
        labfaults.fill(host, options.path)
    elif options.verb == "readonly":
        labfaults.make_read_only(host, options.path)
    elif options.verb == "heal":
        labfaults.heal(host, options.path)
    else:
        {"reboot": host.reboot, "stop": host.stop, "rekey": host.rekey}[options.verb]()
    return 0


def _default_folder() -> str:
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "beffroi", "lab-full")


def _show(described: Dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(described, indent=2))
        return
    hosts: List[Dict[str, Any]] = described["hosts"]
    if not hosts:
        print(f"no lab in {described['dir']}")
        return
    print(f"folder  {described['dir']}\nkey     {described['client_key']}\n")
    for host in hosts:
        state = "running" if host["running"] else "stopped"
        behind = f" behind {host['behind']}" if host["behind"] else ""
        print(f"{host['name']:<10} {state:<8} {host['image']:<8} root@{host['address']}{behind}")
