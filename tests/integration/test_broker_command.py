"""`telex broker` as people run it: its ready event, its end, and how it reports that it cannot run."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from streams.kafka.embedded_broker import EmbeddedBroker
from streams.stages import ALL_TOPICS
from streams.system.ports import is_free
from tests.support.telex_process import KAFKA, TelexProcess, has_ended, own_environment


def test_it_reports_its_address_and_ctrl_c_shuts_it_down(tmp_path: Path) -> None:
    with TelexProcess(own_environment(tmp_path / "data"), "broker") as telex:
        ready_event, descendants = telex.read_ready_event(), telex.descendants
        assert ready_event == {
            "event": "ready",
            "bootstrap_servers": f"127.0.0.1:{telex.broker_port}",
            "pid": telex.pid(KAFKA),
        }
        assert telex.interrupt() == 130
        assert [child for child in descendants if not has_ended(child)] == []
        assert is_free("127.0.0.1", telex.broker_port)
        assert telex.stderr == ""
    assert (tmp_path / "data/broker/data/.kafka_cleanshutdown").exists()


def test_sigterm_ends_it_with_code_0_and_a_second_start_has_its_topics(tmp_path: Path) -> None:
    states = []
    for _ in range(2):
        with TelexProcess(own_environment(tmp_path / "data"), "broker") as telex:
            telex.read_ready_event()
            states.append([json.loads(line)["state"] for line in telex.run("topics").stdout.splitlines()])
            assert telex.signal_and_wait(signal.SIGTERM) == 0
    assert states == [["created"] * len(ALL_TOPICS), ["exists"] * len(ALL_TOPICS)]


def test_it_reports_that_its_kafka_was_killed_and_fails(tmp_path: Path) -> None:
    with TelexProcess(own_environment(tmp_path / "data"), "broker") as telex:
        os.kill(telex.read_ready_event()["pid"], signal.SIGKILL)
        assert telex.process.wait(10) == 1
        assert re.fullmatch(
            r"telex: The broker was ended by SIGKILL\. See the whole log: .*broker\.log\.\n", telex.stderr
        )


def test_a_broker_that_cannot_start_gives_the_reason_in_one_line(broker: EmbeddedBroker, tmp_path: Path) -> None:
    used = broker.bootstrap_servers.rpartition(":")[2]
    (tmp_path / "file").touch()
    for more, reason in (
        ({"TELEX_BROKER_PORT": used}, f"Port {used} is in use"),
        ({"TELEX_DATA_DIR": str(tmp_path / "file/data")}, "cannot start in"),
    ):
        for command in ("broker", "up"):
            done = subprocess.run(
                [sys.executable, "-m", "streams.cli", command],
                env=own_environment(tmp_path / "data", **more),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stdout) == (1, "")
            assert re.fullmatch(r"telex: .*\.\n", done.stderr)
            assert reason in done.stderr
