#!/usr/bin/env python3
"""What the stand-in must guarantee beyond its answers: the lock, concurrency, and outliving its client.

Nothing here measures time: what is compared is the order of events, which the
journal of operations keeps. The slow mode only makes sure that a command is
still running when the next one comes.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import COMMAND, DEADLINE, Json, Recording, Server  # noqa: E402 (needs the line above)

TO_BE_WAITED_FOR, TO_BE_KILLED = 4, 60
"""Seconds of a slow change: when the test lets it end, and when it must still run at the end of the test."""
SEED: Json = {
    "users": [{"username": "adminone", "fullname": "Admin One"}],
    "domains": ["lab.test"],
    "services": {"nginx": {}, "broken": {"broken": True, "journal": ["it does not start"]}},
}


def creation(username: str) -> List[str]:
    words = f"user create {username} --fullname Somebody --domain lab.test --output-as json"
    return [*words.split(), "--password", "A-Passw0rd-for-tests"]


class StandInTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.server = Server(folder.name, SEED)
        self.server.query("user", "list")

    def begin_slow(self, seconds: int, *words: str) -> "subprocess.Popen[str]":
        """Start a mutation and come back once it holds the lock and works."""
        process = self.server.start(*words, BEFFROI_LAB_SLOW_SECONDS=str(seconds))
        self.addCleanup(self.end, process)
        line = ""
        while "Step 1 of" not in line:
            line = process.stdout.readline()
            self.assertTrue(line, "the command ended before it began")
        return process

    @staticmethod
    def end(process: "subprocess.Popen[str]") -> None:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def usernames(self) -> List[str]:
        return sorted(self.server.query("user", "list")["users"])

    def operations(self) -> List[Json]:
        entries = self.server.query("log", "list")["operation"]
        return [self.server.query("log", "show", entry["name"])["metadata"] for entry in entries]


class Lock(StandInTest):
    def test_a_second_mutation_waits_and_each_happens_once(self) -> None:
        first = self.begin_slow(TO_BE_WAITED_FOR, *creation("first"))
        second = self.server.start(*creation("second"))
        self.assertEqual(0, second.wait(DEADLINE))
        self.assertIsNotNone(first.poll(), "the second waited for the first to end")
        self.end(second)
        self.assertEqual(["adminone", "first", "second"], self.usernames())
        earlier, later = self.operations()
        self.assertEqual("first", earlier["args"]["username"])
        self.assertLessEqual(earlier["ended_at"], later["started_at"])

    def test_reads_do_not_wait(self) -> None:
        first = self.begin_slow(TO_BE_KILLED, *creation("first"))
        self.assertIn("adminone", self.server.query("user", "list", "--timeout", "0")["users"])
        self.assertEqual(
            [], [name for name in self.server.query("user", "list")["users"] if name == "second"]
        )
        self.assertIsNone(first.poll())

    def test_timeout_gives_up_in_the_recorded_words(self) -> None:
        first = self.begin_slow(TO_BE_KILLED, *creation("first"))
        recorded = Recording("331")
        self.assertIn("--timeout 3", recorded.command[-1])
        answer = self.server.run("yunohost user group create g3 --output-as json --timeout 1".split())
        self.assertIsNone(first.poll())
        self.assertEqual((recorded.stderr, "", 1), (answer.stderr, answer.stdout, answer.returncode))
        self.assertNotIn("g3", self.server.query("user", "group", "list")["groups"])

    def test_a_killed_command_does_not_keep_the_lock(self) -> None:
        first = self.begin_slow(TO_BE_KILLED, *creation("first"))
        first.kill()
        first.wait()
        answer = self.server.run(["yunohost", *creation("second"), "--timeout", "0"])
        self.assertEqual(0, answer.returncode, answer.stderr)
        self.assertEqual("?", self.server.query("log", "list")["operation"][0]["success"])

    def test_twenty_creations_at_once_are_all_there(self) -> None:
        names = [f"user{number:02d}" for number in range(20)]
        running = [self.server.start(*creation(name)) for name in names]
        for name, process in zip(names, running):
            stdout, stderr = process.communicate(timeout=DEADLINE)
            self.assertEqual((0, ""), (process.returncode, stderr), name)
            self.assertEqual(name, json.loads(stdout.splitlines()[-1])["username"])
        self.assertEqual(["adminone", *names], self.usernames())
        members = self.server.query("user", "group", "list")["groups"]["all_users"]["members"]
        self.assertEqual(["adminone", *names], sorted(members))
        self.assertEqual(20, len(self.operations()))

    def test_the_same_creation_twenty_times_succeeds_once(self) -> None:
        running = [self.server.start(*creation("only")) for _ in range(20)]
        codes = []
        for process in running:
            _, stderr = process.communicate(timeout=DEADLINE)
            codes.append(process.returncode)
            self.assertIn(stderr, ("", "ERROR The user 'only' already exists\n"))
        self.assertEqual([0] + [1] * 19, sorted(codes))


class Outliving(StandInTest):
    def test_closed_pipes_and_hang_up(self) -> None:
        process = self.begin_slow(TO_BE_WAITED_FOR, *creation("survivor"))
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        os.kill(process.pid, signal.SIGHUP)
        self.assertEqual(0, process.wait(DEADLINE))
        self.assertIn("survivor", self.usernames())
        (operation,) = self.operations()
        self.assertIs(True, operation["success"])

    def test_progress_can_be_read_back_by_another_connection(self) -> None:
        process = self.begin_slow(TO_BE_WAITED_FOR, *creation("survivor"))
        (entry,) = self.server.query("log", "list")["operation"]
        self.assertEqual("?", entry["success"])
        process.communicate(timeout=DEADLINE)
        shown = self.server.query("log", "show", "last")
        self.assertEqual(entry["name"], shown["name"])
        self.assertTrue(shown["logs"][-1].endswith("SUCCESS - User created"), shown["logs"])
        self.assertNotIn("A-Passw0rd", json.dumps(shown))

    def test_lines_come_one_by_one(self) -> None:
        process = self.begin_slow(TO_BE_WAITED_FOR, *creation("someone"))
        seen = [line.split()[-3] for line in iter(process.stdout.readline, "") if "Step" in line]
        self.assertEqual([str(number) for number in range(2, 21)], seen)


class Services(StandInTest):
    def test_a_broken_service_fails_and_shows_its_journal(self) -> None:
        answer = self.server.run("yunohost service restart nginx broken".split())
        self.assertEqual(1, answer.returncode)
        self.assertEqual("SUCCESS Service 'nginx' restarted\n", answer.stdout)
        self.assertIn("it does not start", answer.stderr)
        self.assertTrue(answer.stderr.endswith("ERROR Could not restart the service 'broken'\n"))
        self.assertEqual("failed", self.server.query("service", "status", "broken")["status"])

    def test_stop_start_enable_disable_and_log(self) -> None:
        for verb, code, key, value in (
            ("stop", 0, "status", "dead"),
            ("disable", 0, "start_on_boot", "disabled"),
            ("enable", 0, "start_on_boot", "enabled"),
            ("start", 0, "status", "running"),
            ("disable", 1, "start_on_boot", "disabled"),
        ):
            answer = self.server.run(["yunohost", "service", verb, "nginx"])
            self.assertEqual(code, answer.returncode, verb)
            self.assertEqual(value, self.server.query("service", "status", "nginx")[key], verb)
        (journal,) = self.server.query("service", "log", "nginx", "-n", "1").values()
        self.assertRegex(journal[0], r"systemd\[1\]: Started nginx\.service\.$")


class InsideAnotherProcess(StandInTest):
    """Beffroi finds the command on PATH and runs it in its own Python process, forked per command."""

    def call(self, words: List[str]) -> Dict[str, Any]:
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read_end)
            os.dup2(write_end, 1)
            os.environ.update(self.server.environment)
            sys.argv = ["/usr/bin/yunohost", *words]
            code = 99
            try:
                runpy.run_path(str(COMMAND), run_name="__main__")
            except SystemExit as ended:
                code = int(ended.code or 0)
            finally:
                os._exit(code)
        os.close(write_end)
        with os.fdopen(read_end, encoding="utf-8") as stream:
            output = stream.read()
        return {"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "output": output}

    def test_same_answers_as_a_command(self) -> None:
        for words in (
            ["user", "list", "--output-as", "json"],
            creation("someone"),
            ["user", "info", "nobody"],
        ):
            answer = self.call(words)
            if words[1] == "list":
                self.assertEqual(self.server.run(["yunohost", *words]).stdout, answer["output"])
            self.assertEqual(1 if words[1] == "info" else 0, answer["code"], answer["output"])
        self.assertEqual(["adminone", "someone"], self.usernames())

    def test_many_commands_in_one_process_leave_it_as_it_was(self) -> None:
        program = (
            "import runpy, signal, sys\n"
            "path, before = sys.path[:], signal.getsignal(signal.SIGHUP)\n"
            "for words in (['user', 'list'], ['domain', 'list'], ['user', 'info', 'nobody'], ['nonsense']):\n"
            "    sys.argv = ['yunohost', *words]\n"
            "    try:\n"
            f"        runpy.run_path({str(COMMAND)!r}, run_name='__main__')\n"
            "    except SystemExit as ended:\n"
            "        print('exit', ended.code)\n"
            "print(path == sys.path, before == signal.getsignal(signal.SIGHUP), sys.dont_write_bytecode)\n"
        )
        answer = subprocess.run(
            [sys.executable, "-c", program],
            env=self.server.environment,
            capture_output=True,
            encoding="utf-8",
        )
        lines = answer.stdout.splitlines()
        self.assertEqual(["exit 0", "exit 0", "exit 1", "exit 2"], [line for line in lines if "exit" in line])
        self.assertEqual("True True False", lines[-1])

    def test_source_tree_stays_clean(self) -> None:
        self.server.query("user", "list")
        self.assertEqual([], list(COMMAND.parent.parent.rglob("__pycache__")))
        self.assertEqual(["yunohost"], os.listdir(COMMAND.parent))


class Demonstration(StandInTest):
    def test_the_default_seed_answers_every_read(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            server = Server(folder, {})
            del server.environment["BEFFROI_LAB_SEED"]
            self.assertGreaterEqual(len(server.query("user", "list")["users"]), 6)
            self.assertGreaterEqual(len(server.query("app", "list", "--full")["apps"]), 5)
            self.assertGreaterEqual(len(server.query("service", "status")), 20)
            self.assertEqual(3, len(server.query("domain", "list")["domains"]))
            self.assertEqual(2, len(server.query("backup", "list")["archives"]))
            for words in (
                "user group list --full",
                "user permission list --full",
                "tools versions",
                "log list",
            ):
                server.query(*words.split())

    def test_without_a_state_folder_it_says_so(self) -> None:
        del self.server.environment["BEFFROI_LAB_STATE"]
        answer = self.server.run(["yunohost", "user", "list"])
        self.assertEqual(1, answer.returncode)
        self.assertIn("BEFFROI_LAB_STATE", answer.stderr)


if __name__ == "__main__":
    unittest.main()
